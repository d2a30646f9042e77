// The table of commands. Each is loaded only when it is run, so that help, completions and wrong usage answer at once.

import type { Command } from "./Command.ts"
import { at, config, from, json, nothing, optionalUrl, tokenFile, types } from "./flags.ts"
import { processCommands } from "./processCommands.ts"
import { recordingCommands } from "./recordingCommands.ts"
import { names } from "./settings/table.ts"

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
  ...recordingCommands,
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
    name: "dap",
    summary: "Debug a job from an editor",
    about:
      "Speaks the Debug Adapter Protocol on standard input and output, for editors that start their debug adapter, and carries it to a live agent.",
    operands: optionalUrl,
    flags: [tokenFile],
    settings: [],
    example: "annalist dap http://127.0.0.1:8080",
    exits: [],
    load: () => import("./commands/dap.ts"),
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
