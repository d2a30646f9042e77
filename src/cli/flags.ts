// Flags and operands that several commands take, worded once.

import type { Flag } from "./Arguments.ts"

export const json: Flag = { name: "json", value: null, summary: "Print JSON, for programs" }
export const at: Flag = { name: "at", value: "T", summary: "A past moment: a position, an ISO 8601 time, or -10m" }
export const from: Flag = { name: "from", value: "T", summary: "First moment: a position, an ISO 8601 time, or -10m" }
export const to: Flag = { name: "to", value: "T", summary: "Last moment, written as --from is" }
export const types: Flag = { name: "types", value: "A,B", summary: "Only events of these types" }
export const tokenFile: Flag = {
  name: "token-file",
  value: "FILE",
  summary: "A file that holds the token for the agent",
}
export const config: Flag = {
  name: "config",
  value: "FILE",
  summary: "Settings from this file instead of annalist.config.json",
}

export const url: Flag = { name: "url", value: "URL", summary: "A live agent (default http://127.0.0.1:8080)" }
export const signal: Flag = { name: "signal", value: "NAME", summary: "The first signal (default SIGTERM)" }
export const grace: Flag = { name: "grace", value: "N", summary: "Seconds between it and SIGKILL (default 10)" }

export const nothing = { shown: "", min: 0, max: 0 }
export const optionalUrl = { shown: "[URL]", min: 0, max: 1 }
