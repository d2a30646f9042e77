// Whether a process that has ended by itself is booted again, and when: its restart policy, applied.

import type { ManagedProcess } from "./Processes.ts"

export interface Ended {
  readonly code: number | null
  readonly ranMillis: number
}

export interface Restart {
  readonly attempt: number
  readonly delayMillis: number
}

/** Null when it stays ended. An end that nobody can tell counts as a failure. */
export const restartAfter = (process: ManagedProcess, ended: Ended): Restart | null => {
  const policy = process.spec.restart
  if (policy === undefined || (process.stop !== null && !process.unresponsive)) return null
  if (policy.when === "never" || (policy.when === "on-failure" && ended.code === 0 && !process.unresponsive))
    return null
  const attempt = ended.ranMillis >= policy.steadyMillis ? 1 : process.attempt + 1
  if (policy.most !== null && attempt > policy.most) return null
  return { attempt, delayMillis: Math.min(policy.backoffMillis * 2 ** (attempt - 1), policy.backoffMostMillis) }
}
