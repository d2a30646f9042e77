// The commands that read and write recordings.

import type { Command } from "./Command.ts"
import { at, config, from, json, nothing, to, tokenFile, types } from "./flags.ts"
import type { SettingName } from "./settings/table.ts"

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

export const recordingCommands: ReadonlyArray<Command> = [
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
      { name: "to", value: "URL", summary: "Send the recorded collectives to this agent instead, over HTTP/2" },
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
    name: "import",
    summary: "Make a session file of foreign records",
    about:
      "PyTorch Flight Recorder dumps as JSON, one file a rank. Pickles are refused: reading one can run any code. The rank is in the dump or the number at the end of the file's name.",
    operands: { shown: "FILE...", min: 1, max: 100_000 },
    flags: [{ name: "output", short: "o", value: "FILE", summary: "The session file to write" }],
    settings: [],
    example: "annalist import trace_rank_*.json -o session.ndjson",
    exits: [],
    load: () => import("./commands/import.ts"),
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
    name: "diff",
    summary: "Say where two recordings part, and what takes longer in the second",
    about:
      "Every rank's, job's and process's course is compared step by step, but for times, pids and ids. Groups of operations, routines and processes are compared by their medians and by Cliff's delta, -1 to 1, from 0.33 on a change.",
    operands: { shown: "A B", min: 2, max: 2 },
    flags: [
      { name: "fail-on", value: "WHAT", summary: "divergence, slower or both: end with 3 when it is found" },
      json,
    ],
    settings: [],
    example: "annalist diff yesterday.ndjson today.ndjson --fail-on slower",
    exits: [[3, "what --fail-on names was found"]],
    load: () => import("./commands/diff.ts"),
  },
]
