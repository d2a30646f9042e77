// The table of commands. Each is loaded only when it is run, so that help, completions and wrong usage answer at once.

import type { Command } from "./Command.ts"
import { json, at, from, to, types, tokenFile, config, nothing, optionalUrl } from "./flags.ts"
import { processCommands } from "./processCommands.ts"
import { names, type SettingName } from "./settings/table.ts"

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
  ...processCommands,
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
