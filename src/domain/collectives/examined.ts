// What close looks at processes found, as far as verdicts rest on it: the latest of each pid.

import type { Position } from "../Brands.ts"
import type { ProcessExamined } from "../events/EvidenceEvents.ts"

export interface Examined extends ProcessExamined {
  readonly position: Position
  /** Wall time, µs. */
  readonly at: number
}

export type ExaminedByPid = Map<number, Examined>

const maxExamined = 64

export const noteExamined = (known: ExaminedByPid, examined: Examined): void => {
  known.delete(examined.pid)
  known.set(examined.pid, examined)
  const [oldest] = known.keys()
  if (known.size > maxExamined && oldest !== undefined) known.delete(oldest)
}

/** "stopped (T) in do_signal_stop" and its like. */
export const examinedWords = ({ state, waitChannel }: ProcessExamined): string => {
  if (state === null) return "not there any more"
  const name = stateNames[state] ?? `state ${state}`
  return waitChannel === null ? name : `${name} in ${waitChannel}`
}

const stateNames: Readonly<Record<string, string>> = {
  R: "running (R)",
  S: "asleep (S)",
  D: "uninterruptible (D)",
  T: "stopped (T)",
  t: "stopped by a tracer (t)",
  Z: "a zombie (Z)",
}
