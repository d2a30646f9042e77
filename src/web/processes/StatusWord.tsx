// How a managed process stands, as a word with a shape beside it.

import type { ProcessAnswer } from "../../wire/state.ts"

const statusWords: Readonly<Record<ProcessAnswer["status"], string>> = {
  booting: "booting",
  boot_failed: "boot failed",
  running: "running",
  stopping: "stopping",
  exited: "exited",
  stopped: "stopped",
}

export const isOver = (process: ProcessAnswer): boolean =>
  process.status === "exited" || process.status === "stopped" || process.status === "boot_failed"

export const StatusWord = ({ process }: { readonly process: ProcessAnswer }) => (
  <span class={`status status-${process.status}`}>{statusWords[process.status] ?? process.status}</span>
)
