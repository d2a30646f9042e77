// The table of commands. Each is loaded only when it is run, so that help, completions and wrong usage answer at once.

import type { Flag } from "./Arguments.ts"
import type { Command } from "./Command.ts"
import { names, type SettingName } from "./settings/table.ts"

const json: Flag = { name: "json", value: null, summary: "Print JSON, for programs" }
const at: Flag = { name: "at", value: "T", summary: "A past moment: a position, an ISO 8601 time, or -10m" }
const from: Flag = { name: "from", value: "T", summary: "First moment: a position, an ISO 8601 time, or -10m" }
const to: Flag = { name: "to", value: "T", summary: "Last moment, written as --from is" }
const types: Flag = { name: "types", value: "A,B", summary: "Only events of these types" }
const tokenFile: Flag = { name: "token-file", value: "FILE", summary: "A file that holds the token for the agent" }
const config: Flag = {
  name: "config",
  value: "FILE",
  summary: "Settings from this file instead of annalist.config.json",
}

const url: Flag = { name: "url", value: "URL", summary: "A live agent (default http://127.0.0.1:8080)" }
const signal: Flag = { name: "signal", value: "NAME", summary: "The first signal (default SIGTERM)" }
const grace: Flag = { name: "grace", value: "N", summary: "Seconds between it and SIGKILL (default 10)" }

/** What a face over a recording takes. */
const recordingSettings: ReadonlyArray<SettingName> = [
  "host",
  "port",
  "tokenFile",
  "allowedOrigins",
  "allowedHosts",
  "tlsCert",
  "tlsKey",
  "tlsClientCa",
  "logFormat",
  "logLevel",
]

const nothing = { shown: "", min: 0, max: 0 }
const optionalUrl = { shown: "[URL]", min: 0, max: 1 }

export const commands: ReadonlyArray<Command> = [
  {
    name: "agent",
    summary: "Run the live agent",
    about:
      "Starts and supervises processes, samples them, takes collectives, and answers at its ports. SIGTERM ends it in order.",
    operands: nothing,
    flags: [config, { ...json, summary: "Print one JSON line when ready" }],
    settings: names,
    example: "annalist agent --port 8080 --data ./annalist-data",
    exits: [],
    load: () => import("./commands/agent.ts"),
  },
  {
    name: "open",
    summary: "Serve a recorded session or a data directory, read-only",
    about:
      "The same API and page over a session file, or over a data directory that no agent holds. Ports are free ones unless a flag says otherwise.",
    operands: { shown: "FILE|DIR", min: 1, max: 1 },
    flags: [config, { ...json, summary: "Print one JSON line when ready" }],
    settings: recordingSettings,
    example: "annalist open session.ndjson.gz --port 8090",
    exits: [],
    load: () => import("./commands/open.ts"),
  },
  {
    name: "replay",
    summary: "Let a recorded session happen again",
    about:
      "The API and the page of an agent to whom the recording is the present: at its own pace, faster, or as fast as can be. No process is started and no signal sent. On a terminal keys hold, step and move it; POST /v1/replay/… does it from elsewhere.",
    operands: { shown: "FILE", min: 1, max: 1 },
    flags: [
      { name: "speed", value: "N", summary: "Times faster than it was recorded, or max (default 1)" },
      { name: "paused", value: null, summary: "Hold before the first event" },
      config,
      { ...json, summary: "Print one JSON line when ready" },
    ],
    settings: recordingSettings,
    example: "annalist replay session.ndjson.gz --speed 10",
    exits: [],
    load: () => import("./commands/replay.ts"),
  },
  {
    name: "export",
    summary: "Write a session file from a live agent or a data directory",
    about:
      "A range and kinds of events as a session file. A name that ends in .gz is compressed, and in .zst where Node can. The file appears under its name once it is whole.",
    operands: nothing,
    flags: [
      { name: "output", short: "o", value: "FILE", summary: "Where to write; - is standard output" },
      { name: "data", value: "DIR", summary: "A data directory that no agent holds" },
      { name: "url", value: "URL", summary: "A live agent (default http://127.0.0.1:8080)" },
      from,
      to,
      types,
      { name: "format", value: "NAME", summary: "ndjson (the default), perfetto, parquet or csv" },
      { name: "table", value: "NAME", summary: "Of parquet and csv; -o DIR/ writes every table" },
      tokenFile,
      { ...json, summary: "Print what was written as JSON" },
    ],
    settings: [],
    example: "annalist export --from -10m -o hang.ndjson.gz",
    exits: [],
    load: () => import("./commands/export.ts"),
  },
  {
    name: "backup",
    summary: "Copy a live agent's log into a new data directory",
    about:
      "Every entry is checked on its way, while the agent goes on writing. The folder must be empty or not there; annalist verify proves it, annalist agent --data goes on from it under a new log id.",
    operands: { shown: "DIR", min: 1, max: 1 },
    flags: [{ name: "url", value: "URL", summary: "A live agent (default http://127.0.0.1:8080)" }, tokenFile, json],
    settings: [],
    example: "annalist backup /var/backups/annalist-monday",
    exits: [],
    load: () => import("./commands/backup.ts"),
  },
  {
    name: "wasm",
    summary: "Run a WebAssembly module, as tasks do",
    about:
      "A module that imports WASI has its start function run, with the arguments after --; of another one function is called, and what it gives back is printed. No folder is open to it.",
    operands: { shown: "FILE [-- ARG…]", min: 1, max: 1000 },
    flags: [
      { name: "function", value: "NAME", summary: "The function to call" },
      { name: "inputs", value: "A,B", summary: "The numbers that it is called with" },
    ],
    settings: [],
    example: "annalist wasm add.wasm --function add --inputs 2,3",
    exits: [],
    load: () => import("./commands/wasm.ts"),
  },
  {
    name: "verify",
    summary: "Check a session file or a data directory for damage",
    about:
      "Checks every checksum, the order and the density, and names the exact ranges of what is damaged or missing. Nothing is changed.",
    operands: { shown: "FILE|DIR", min: 1, max: 1 },
    flags: [
      json,
      { name: "repair-copy", value: "DIR", summary: "Write what is whole of a data directory's log into a new one" },
    ],
    settings: [],
    example: "annalist verify session.ndjson",
    exits: [[4, "damaged"]],
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "explain",
    summary: "Say why a job hangs, in a sentence",
    about:
      "The verdict on the collectives of a live agent, a session file or a data directory, now or at a past moment.",
    operands: { shown: "[FILE|DIR|URL]", min: 0, max: 1 },
    flags: [at, json, tokenFile],
    settings: [],
    example: "annalist explain session.ndjson --at -10m",
    exits: [[3, "not healthy, or nobody can tell"]],
    load: () => import("./commands/explain.ts"),
  },
  {
    name: "status",
    summary: "Say what a live agent is doing",
    about: "What runs, how long the log is, and whether the agent is ready.",
    operands: optionalUrl,
    flags: [at, json, tokenFile],
    settings: [],
    example: "annalist status http://127.0.0.1:8080",
    exits: [],
    load: () => import("./commands/status.ts"),
  },
  {
    name: "ps",
    summary: "List the managed processes of a live agent",
    about: "One line a process, now or at a past moment.",
    operands: optionalUrl,
    flags: [
      at,
      { name: "status", value: "A,B", summary: "Only those with one of these: running, exited, boot_failed …" },
      { name: "session", value: "NAME", summary: "Only those of this session" },
      { name: "tree", value: null, summary: "By session, whoever failed first marked" },
      json,
      tokenFile,
    ],
    settings: [],
    example: "annalist ps --at -1h",
    exits: [],
    load: () => import("./commands/ps.ts"),
  },
  {
    name: "boot",
    summary: "Boot a process under a live agent",
    about: "Runs a program, or a script below the script roots, until it ends; its id is the answer.",
    operands: { shown: "[-- PROGRAM ARG...]", min: 0, max: 1000 },
    flags: [
      { name: "script", value: "FILE", summary: "A script below the agent's script roots, instead of a program" },
      { name: "name", value: "NAME", summary: "What to call it (default: the program's file name)" },
      { name: "session", value: "NAME", summary: "The session that it belongs to" },
      { name: "env", value: "A=B,C=D", summary: "Environment variables, over the agent's own" },
      { name: "directory", value: "DIR", summary: "Where it runs" },
      { name: "log", value: "FILE", summary: "Where its output goes" },
      { name: "hosts", value: "A,B", summary: "Hosts to try in this order; others than this one over ssh" },
      { name: "restart", value: "WHEN", summary: "never (the default), on-failure or always" },
      { name: "after", value: "A,B", summary: "Processes of its session that have to be ready first" },
      url,
      json,
      tokenFile,
    ],
    settings: [],
    example: "annalist boot --name web --restart on-failure -- python3 -m http.server",
    exits: [],
    load: () => import("./commands/boot.ts"),
  },
  {
    name: "kill",
    summary: "End processes and everything that they started",
    about: "Returns once nothing of them is left. A process is named by its id, the beginning of it, or its name.",
    operands: { shown: "PROCESS...", min: 1, max: 1000 },
    flags: [signal, grace, url, json, tokenFile],
    settings: [],
    example: "annalist kill web --grace 2",
    exits: [],
    load: () => import("./commands/kill.ts"),
  },
  {
    name: "restart",
    summary: "Boot processes again under their ids",
    about: "Those that live are ended first. Programs, environment and limits are those of the first boot.",
    operands: { shown: "PROCESS...", min: 1, max: 1000 },
    flags: [signal, grace, url, json, tokenFile],
    settings: [],
    example: "annalist restart web",
    exits: [],
    load: () => import("./commands/restart.ts"),
  },
  {
    name: "logs",
    summary: "Print what a process wrote",
    about: "The last lines of its output, and with --follow what comes until it ends.",
    operands: { shown: "PROCESS", min: 1, max: 1 },
    flags: [
      { name: "last", short: "n", value: "N", summary: "Lines from the end (default 100)" },
      { name: "follow", short: "f", value: null, summary: "Go on until it ends" },
      url,
      tokenFile,
    ],
    settings: [],
    example: "annalist logs web --follow",
    exits: [],
    load: () => import("./commands/logs.ts"),
  },
  {
    name: "flush",
    summary: "Drop processes that have ended",
    about: "They leave the lists, and their output and environment are deleted; the log keeps their record.",
    operands: { shown: "PROCESS...", min: 1, max: 1000 },
    flags: [url, json, tokenFile],
    settings: [],
    example: "annalist flush web",
    exits: [],
    load: () => import("./commands/flush.ts"),
  },
  {
    name: "tail",
    summary: "Follow the log of a live agent",
    about: "One line an event, as it is written; with --json the lines of a session file.",
    operands: optionalUrl,
    flags: [from, types, json, tokenFile],
    settings: [],
    example: "annalist tail --types ProcessBooted,ProcessExited",
    exits: [],
    load: () => import("./commands/tail.ts"),
  },
  {
    name: "completions",
    summary: "Print a completion script for a shell",
    about: "Completes commands and flags in bash, zsh and fish.",
    operands: { shown: "bash|zsh|fish", min: 1, max: 1 },
    flags: [],
    settings: [],
    example: "annalist completions bash > ~/.local/share/bash-completion/completions/annalist",
    exits: [],
    load: () => import("./commands/completions.ts"),
  },
  {
    name: "help",
    summary: "Explain a command",
    about: "The same as COMMAND --help.",
    operands: { shown: "[COMMAND]", min: 0, max: 1 },
    flags: [],
    settings: [],
    example: "annalist help explain",
    exits: [],
    load: () => import("./commands/help.ts"),
  },
]
