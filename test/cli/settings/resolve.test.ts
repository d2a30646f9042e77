// Settings: who wins, what each takes, and what is said when it is wrong.

import { describe, expect, it } from "vitest"
import { resolve, type Sources } from "../../../src/cli/settings/resolve.ts"
import { environmentNameOf, flagOf, names, type SettingName } from "../../../src/cli/settings/table.ts"

interface Given {
  readonly flags?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly file?: string
  readonly own?: NonNullable<Sources["ownDefaults"]>
}

const resolved = ({ flags = {}, env = {}, file, own = {} }: Given = {}) =>
  resolve({
    flags: new Map(Object.entries(flags)),
    environment: env,
    file: file === undefined ? null : { path: "annalist.config.json", text: file },
    hostName: "node-7",
    ownDefaults: own,
  })

const settings = (given: Given = {}) => {
  const result = resolved(given)
  if (!result.ok) throw new Error(result.problems.join("\n"))
  return result.settings
}

const problems = (given: Given) => {
  const result = resolved(given)
  return result.ok ? [] : result.problems
}

describe("settings", () => {
  it("are refused where nothing serves them yet, and not taken in silence", () => {
    expect(problems({ flags: { "nats-url": "nats://127.0.0.1:4222" } })).toEqual([
      "--nats-url is set, and a fleet over NATS is not served by this version; leave it out",
    ])
  })

  it("open no broker to everybody", () => {
    expect(problems({ flags: { "mqtt-port": "0", host: "0.0.0.0" } })).toEqual([
      "--mqtt-port opens a broker beyond loopback; it takes --mqtt-username and --mqtt-password-file with it",
    ])
    expect(problems({ flags: { "mqtt-port": "0" } })).toEqual([])
  })

  it("have the documented defaults", () => {
    expect(settings()).toEqual({
      data: "./annalist-data",
      host: "127.0.0.1",
      port: 8080,
      cclPort: 8081,
      extraPorts: [8754, 8765, 7070],
      grpcPort: 10_054,
      script: "launch.sh",
      profile: "standard",
      profileInterval: null,
      adaptive: false,
      telemetryInterval: 3,
      routines: ["./routines"],
      collectors: [],
      hangLimit: 60,
      mqttUrl: null,
      mqttPort: null,
      domainId: "default",
      channelId: "default",
      nodeId: "node-7",
      natsUrl: null,
      tokenFile: null,
      allowedOrigins: [],
      allowedHosts: [],
      scriptRoots: ["."],
      envNames: ["PATH", "LANG", "TZ", "DEBUG", "PORT", "NODE_ENV"],
      monitoring: true,
      evaluate: false,
      mqttCompression: "off",
      mqttCommands: false,
      mqttUsername: null,
      mqttPasswordFile: null,
      mqttCaFile: null,
      druncGeneration: "documented",
      sshConfig: null,
      retentionHours: 48,
      retentionBytes: 2 ** 30,
      tlsCert: null,
      tlsKey: null,
      tlsClientCa: null,
      otlpUrl: null,
      alertRules: null,
      alertWebhook: null,
      dapPort: null,
      onAgentDeath: "keep",
      logFormat: "auto",
      logLevel: "info",
    })
  })

  it("are named alike everywhere", () => {
    const spelt = (name: SettingName) => [flagOf(name), environmentNameOf(name)]
    expect(spelt("data")).toEqual(["data", "ANNALIST_DATA"])
    expect(spelt("cclPort")).toEqual(["ccl-port", "ANNALIST_CCL_PORT"])
    expect(spelt("mqttPasswordFile")).toEqual(["mqtt-password-file", "ANNALIST_MQTT_PASSWORD_FILE"])
    expect(spelt("tlsClientCa")).toEqual(["tls-client-ca", "ANNALIST_TLS_CLIENT_CA"])
    expect(new Set(names.map(flagOf)).size).toBe(names.length)
  })

  it("come from flags over environment over file over defaults", () => {
    const file = JSON.stringify({ port: 1003, cclPort: 1004, script: "file.sh" })
    const env = { ANNALIST_PORT: "1002", ANNALIST_CCL_PORT: "1005" }
    expect(settings({ flags: { port: "1001" }, env, file })).toMatchObject({
      port: 1001,
      cclPort: 1005,
      script: "file.sh",
    })
  })

  it("of a command with defaults of its own come from its flags alone", () => {
    const env = { ANNALIST_PORT: "8080" }
    expect(settings({ env, own: { port: "0" } }).port).toBe(0)
    expect(settings({ env, own: { port: "0" }, flags: { port: "9" } }).port).toBe(9)
  })

  it.each<readonly [SettingName, string, unknown]>([
    ["port", "0", 0],
    ["port", "off", null],
    ["extraPorts", "off", []],
    ["extraPorts", "1, 2,3", [1, 2, 3]],
    ["extraPorts", "", []],
    ["telemetryInterval", "0.5", 0.5],
    ["hangLimit", "2", 2],
    ["monitoring", "off", false],
    ["monitoring", "TRUE", true],
    ["routines", "a.ts,b", ["a.ts", "b"]],
    ["mqttUrl", "mqtts://broker:8883", "mqtts://broker:8883"],
    ["mqttUrl", "none", null],
    ["retentionBytes", "512MiB", 512 * 2 ** 20],
    ["retentionBytes", "2g", 2 ** 31],
    ["retentionBytes", "1048576", 1_048_576],
    ["host", "::1", "::1"],
    ["host", "0.0.0.0", "0.0.0.0"],
    ["host", "node-3.lab.example", "node-3.lab.example"],
    ["allowedOrigins", "https://lab.example:8443", ["https://lab.example:8443"]],
    ["allowedHosts", "lab.example,[::1]:8080", ["lab.example", "[::1]:8080"]],
    ["druncGeneration", "0.8", "0.8"],
  ])("%s takes %s", (name, text, value) => {
    expect(settings({ flags: { [flagOf(name)]: text } })[name]).toEqual(value)
  })

  it.each<readonly [SettingName, string]>([
    ["port", "65536"],
    ["port", "-1"],
    ["port", "80a"],
    ["port", ""],
    ["port", "8.5"],
    ["extraPorts", "1,two"],
    ["telemetryInterval", "0"],
    ["telemetryInterval", "fast"],
    ["telemetryInterval", "1e3"],
    ["hangLimit", "NaN"],
    ["hangLimit", "86401"],
    ["monitoring", "maybe"],
    ["profile", "std"],
    ["host", "http://localhost"],
    ["host", "[::1]"],
    ["host", ""],
    ["mqttUrl", "broker:1883"],
    ["mqttUrl", "mqtt://"],
    ["otlpUrl", "ftp://x"],
    ["allowedOrigins", "*"],
    ["allowedOrigins", "https://lab.example/"],
    ["allowedHosts", "*"],
    ["domainId", "a/b"],
    ["nodeId", "a b"],
    ["envNames", "PATH,1X"],
    ["retentionBytes", "1KiB"],
    ["retentionBytes", "lots"],
    ["data", "a\u0000b"],
    ["data", ""],
    ["onAgentDeath", "mourn"],
  ])("%s refuses %j and says what it takes", (name, text) => {
    const [problem, ...more] = problems({ flags: { [flagOf(name)]: text } })
    expect(more).toEqual([])
    expect(problem).toMatch(new RegExp(`^--${flagOf(name)} is ".*"; it takes .+`))
    expect(problem).not.toContain("\n")
  })

  it("say all that is wrong at once, each with its place", () => {
    expect(
      problems({
        flags: { port: "x" },
        env: { ANNALIST_CCL_PRT: "1", ANNALIST_HANG_LIMIT: "soon" },
        file: `{"telemtryInterval": 5, "script": {"path": "x"}, "grpcPort": true}`,
      }),
    ).toEqual([
      "the environment sets ANNALIST_CCL_PRT, which is no setting; did you mean ANNALIST_CCL_PORT?",
      `annalist.config.json sets "telemtryInterval", which is no setting; did you mean telemetryInterval?`,
      `"script" in annalist.config.json is no text, number, true, false or list of these`,
      `--port is "x"; it takes a port from 1 to 65535, 0 for any free one, or off for none`,
      `"grpcPort" in annalist.config.json is "on"; it takes a port from 1 to 65535, 0 for any free one, or off for none`,
      `ANNALIST_HANG_LIMIT (environment) is "soon"; it takes a number of seconds from 0.1 to 86400`,
    ])
  })

  it("never show a password that stands in the wrong place", () => {
    const [problem] = problems({ flags: { "otlp-url": "mqtt://user:hunter2@broker" } })
    expect(problem).toContain("mqtt://[redacted]@broker")
    expect(problem).not.toContain("hunter2")
  })

  it("want a certificate and its key together", () => {
    expect(problems({ flags: { "tls-cert": "a.pem" } })).toEqual([
      "--tls-cert is set alone; TLS takes --tls-cert and --tls-key together",
    ])
    expect(problems({ flags: { "tls-client-ca": "a.pem" } })).toEqual([
      "--tls-client-ca is set alone; it takes --tls-cert and --tls-key with it",
    ])
  })
})

describe("the environment", () => {
  it("counts an empty value as not set", () => {
    expect(settings({ env: { ANNALIST_PORT: "", ANNALIST_MQTT_URL: "" } })).toMatchObject({ port: 8080, mqttUrl: null })
  })

  it("may hold what Kubernetes puts there for services called annalist", () => {
    const env = {
      ANNALIST_SERVICE_HOST: "10.0.0.1",
      ANNALIST_SERVICE_PORT: "8080",
      ANNALIST_SERVICE_PORT_HTTP: "8080",
      ANNALIST_PORT: "tcp://10.0.0.1:8080",
      ANNALIST_PORT_8080_TCP: "tcp://10.0.0.1:8080",
      ANNALIST_PORT_8080_TCP_PROTO: "tcp",
      ANNALIST_PORT_8080_TCP_PORT: "8080",
      ANNALIST_PORT_8080_TCP_ADDR: "10.0.0.1",
      ANNALIST_CCL_PORT: "tcp://10.0.0.2:8081",
      ANNALIST_CCL_SERVICE_HOST: "10.0.0.2",
      ANNALIST_CCL_PORT_8081_TCP_ADDR: "10.0.0.2",
    }
    expect(settings({ env })).toMatchObject({ port: 8080, cclPort: 8081 })
  })

  it("may hold what an agent marks its children with", () => {
    expect(settings({ env: { ANNALIST_PROCESS: "p-1", ANNALIST_SOAK: "1" } }).port).toBe(8080)
  })

  it("may hold what reporters and routines read, in the same shell as the agent", () => {
    const env = { ANNALIST_CCL_URL: "http://node-7:8081/log_ccl", ANNALIST_RUN_ID: "r", ANNALIST_REPORT_QUEUE: "10" }
    expect(settings({ env: { ...env, ANNALIST_URL: "http://node-7:8080" } }).port).toBe(8080)
  })

  it("may hold Propeller's two names, which ours override", () => {
    expect(settings({ env: { PROPLET_METRICS_INTERVAL: "10", PROPLET_ENABLE_MONITORING: "false" } })).toMatchObject({
      profileInterval: 10,
      profile: "disabled",
    })
    expect(settings({ env: { PROPLET_METRICS_INTERVAL: "10", ANNALIST_PROFILE_INTERVAL: "4" } }).profileInterval).toBe(
      4,
    )
    expect(settings({ env: { PROPLET_ENABLE_MONITORING: "true" } }).profile).toBe("standard")
    expect(problems({ env: { PROPLET_ENABLE_MONITORING: "perhaps" } })).toEqual([
      `PROPLET_ENABLE_MONITORING (environment) is "perhaps"; it takes true or false`,
    ])
    expect(problems({ env: { PROPLET_METRICS_INTERVAL: "often" } })[0]).toMatch(
      /^PROPLET_METRICS_INTERVAL \(environment\) is "often"/,
    )
  })

  it("is not asked for what has another beginning", () => {
    expect(problems({ env: { ANNALISTIC: "x", PATH: "/bin", annalist_port: "x" } })).toEqual([])
  })
})

describe("the configuration file", () => {
  it("takes numbers, texts, switches and lists", () => {
    const file = JSON.stringify({
      $schema: "x",
      port: 0,
      mqttPort: "off",
      monitoring: false,
      extraPorts: [1, 2],
      envNames: ["A", "B"],
      mqttUrl: null,
      retentionBytes: "2GiB",
    })
    expect(settings({ file })).toMatchObject({
      port: 0,
      mqttPort: null,
      monitoring: false,
      extraPorts: [1, 2],
      envNames: ["A", "B"],
      mqttUrl: null,
      retentionBytes: 2 ** 31,
    })
  })

  it.each(["[]", `"port"`, "{port: 1}", "", "null"])("is refused when it is %j", (file) => {
    const [problem] = problems({ file })
    expect(problem).toMatch(
      /^annalist\.config\.json is (no JSON object|not JSON \(.+\)); it takes settings such as \{"port": 8080\}$/,
    )
  })

  it("cannot reach beyond the table", () => {
    expect(problems({ file: `{"__proto__": {"port": 1}, "constructor": 1}` })).toHaveLength(2)
  })
})
