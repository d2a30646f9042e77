// Every setting of the program, once: name, default, what it takes, what it is for. The flag, the environment name and
// the file's key all follow from the name.

import * as Parser from "./Parser.ts"

export interface Setting<T> {
  /** As a user would type it; null is the host's name. */
  readonly fallback: string | null
  readonly fallbackShown: string
  readonly takes: Parser.Parser<T>
  readonly summary: string
}

const setting = <T>(
  takes: Parser.Parser<T>,
  fallback: string | null,
  summary: string,
  fallbackShown = fallback ?? "",
): Setting<T> => ({ takes, fallback, fallbackShown, summary })

const filePath = Parser.optional(Parser.path)

/** Intervals and limits are in seconds, as users write them. */
const table = {
  data: setting(Parser.path, "./annalist-data", "The data directory: the log, the output of processes, side files"),
  host: setting(Parser.host, "127.0.0.1", "The address that every face binds"),
  port: setting(Parser.port, "8080", "The main port: every route, the page, WebSockets"),
  cclPort: setting(Parser.port, "8081", "The port where the ranks of a job report their collectives"),
  extraPorts: setting(Parser.ports, "8754,8765,7070", "More ports for unchanged clients; one in use is a warning"),
  grpcPort: setting(Parser.port, "10054", "The gRPC port"),
  script: setting(Parser.path, "launch.sh", "The script of a start that names none"),
  profile: setting(
    Parser.choice(
      "standard",
      "minimal",
      "intensive",
      "batch_processing",
      "realtime_api",
      "long_running_daemon",
      "disabled",
    ),
    "standard",
    "The monitoring profile of a process that names none",
  ),
  profileInterval: setting(
    Parser.optional(Parser.number({ min: 0.1, max: 86_400, unit: "seconds" })),
    "none",
    "Seconds between two looks at a process whose profile is the agent's",
    "the profile's own",
  ),
  adaptive: setting(Parser.onOff, "off", "Look at processes up to four times as rarely while nothing about them moves"),
  telemetryInterval: setting(
    Parser.number({ min: 0.1, max: 3600, unit: "seconds" }),
    "3",
    "Seconds between two samples of the host and its top processes",
  ),
  routines: setting(Parser.list(Parser.path), "./routines", "Routine modules: files or folders"),
  collectors: setting(Parser.list(Parser.path), "", "Collector modules of your own: files or folders", "none"),
  hangLimit: setting(
    Parser.number({ min: 0.1, max: 86_400, unit: "seconds" }),
    "60",
    "Seconds that a collective may wait before a verdict calls it hung",
  ),
  mqttUrl: setting(Parser.optional(Parser.url("mqtt", "mqtts", "ws", "wss")), "none", "The MQTT broker to publish to"),
  mqttPort: setting(
    Parser.port,
    "off",
    "The port of a broker of the agent's own; without another's URL it publishes there",
  ),
  domainId: setting(Parser.topicLevel, "default", "The domain in MQTT topics"),
  channelId: setting(Parser.topicLevel, "default", "The channel in MQTT topics"),
  nodeId: setting(Parser.topicLevel, null, "The name of this node, and its proplet id in MQTT", "the host's name"),
  natsUrl: setting(
    Parser.optional(Parser.url("nats", "tls", "ws", "wss")),
    "none",
    "The NATS server of a fleet: refused, none is served yet",
  ),
  tokenFile: setting(filePath, "none", "The file of tokens and their roles; needed for any bind but loopback"),
  allowedOrigins: setting(Parser.list(Parser.origin), "", "Origins of other pages that may call", "own addresses"),
  allowedHosts: setting(Parser.list(Parser.hostPattern), "", "Host names by which callers may ask", "own names"),
  scriptRoots: setting(
    Parser.list(Parser.path),
    ".",
    "Folders in which scripts, task files and routine programs may lie",
    "the start directory",
  ),
  envNames: setting(
    Parser.list(Parser.environmentName),
    "PATH,LANG,TZ,DEBUG,PORT,NODE_ENV",
    "Environment variables whose values are shown; all others are redacted",
  ),
  monitoring: setting(Parser.onOff, "on", "Flow monitoring"),
  evaluate: setting(Parser.onOff, "off", "The route that evaluates expressions in a paused flow"),
  mqttCommands: setting(Parser.onOff, "off", "Take start and stop commands from the broker: this is remote execution"),
  mqttUsername: setting(Parser.optional(Parser.text), "none", "The user name at the MQTT broker"),
  mqttPasswordFile: setting(filePath, "none", "The file that holds the password at the MQTT broker"),
  mqttCaFile: setting(filePath, "none", "The certificate authority of the MQTT broker"),
  mqttCompression: setting(Parser.choice("off", "gzip"), "off", "How payloads to the MQTT broker are compressed"),
  druncGeneration: setting(
    Parser.choice("documented", "0.8", "0.8.2"),
    "documented",
    "Which drunc generation's answers the gRPC face gives",
  ),
  sshConfig: setting(filePath, "none", "The ssh configuration for remote boots", "the user's own"),
  retentionHours: setting(
    Parser.number({ min: 1, max: 87_600, unit: "hours" }),
    "48",
    "Hours for which raw telemetry is kept",
  ),
  retentionBytes: setting(
    Parser.bytes({ min: 2 ** 20, minShown: "1MiB" }),
    "1GiB",
    "Bytes of raw telemetry that are kept",
  ),
  tlsCert: setting(filePath, "none", "The certificate for TLS, in PEM"),
  tlsKey: setting(filePath, "none", "The private key for TLS, in PEM"),
  tlsClientCa: setting(filePath, "none", "The authority that callers' certificates must come from (mTLS)"),
  otlpUrl: setting(
    Parser.optional(Parser.url("http", "https")),
    "none",
    "The OTLP/HTTP collector to which metrics and traces go, such as http://127.0.0.1:4318",
  ),
  alertRules: setting(filePath, "none", "The file of alert rules: a JSON array"),
  alertWebhook: setting(Parser.optional(Parser.url("http", "https")), "none", "Where alerts are posted"),
  dapPort: setting(Parser.port, "off", "The port of the Debug Adapter Protocol, on loopback, for editors"),
  onAgentDeath: setting(Parser.choice("keep", "stop"), "keep", "What becomes of running children when the agent dies"),
  logFormat: setting(
    Parser.choice("auto", "json", "text"),
    "auto",
    "The form of log lines on stderr; auto is text on a terminal, JSON elsewhere",
  ),
  logLevel: setting(Parser.choice("debug", "info", "warning", "error"), "info", "The least level that is logged"),
} as const satisfies Record<string, Setting<unknown>>

export type SettingName = keyof typeof table

export type Settings = {
  readonly [Name in SettingName]: (typeof table)[Name] extends Setting<infer T> ? T : never
}

/** The row of a setting, whatever its type. */
export const rowOf = (name: SettingName): Setting<unknown> => table[name]

export const names = Object.keys(table) as ReadonlyArray<SettingName>

/** cclPort → ccl-port */
export const flagOf = (name: SettingName): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** cclPort → ANNALIST_CCL_PORT */
export const environmentNameOf = (name: SettingName): string =>
  `ANNALIST_${flagOf(name).replaceAll("-", "_").toUpperCase()}`
