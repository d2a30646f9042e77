// What is dropped without anybody's asking, so that what failed or ran out does not pile up: the log keeps its record.

import type { ProcessEvent } from "../events/ProcessEvents.ts"
import { isAlive, type ManagedProcess, type Processes } from "./Processes.ts"

/** So many failed boots and ended scripts stay to be looked at; the next one takes the place of the oldest. */
export const spentMost = 100

/** Failed boots were never anybody's process, and clients of /start have no way to flush. */
const isSpent = (process: ManagedProcess): boolean =>
  !isAlive(process) &&
  process.restartAt === null &&
  (process.status === "boot_failed" || process.spec.kind === "script")

/** Who makes room for a process that fails to boot or ends just now. */
export const clearedFor = (state: Processes, { id }: ManagedProcess): ReadonlyArray<ProcessEvent> => {
  const spent = Array.from(state.byId.values()).filter((one) => one.id !== id && isSpent(one))
  return spent.slice(0, Math.max(0, spent.length + 1 - spentMost)).map((one) => ({
    _tag: "ProcessFlushed",
    process: one.id,
  }))
}
