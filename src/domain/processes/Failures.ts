// Who of a session failed first, and who only went down with it.

import type { ProcessId } from "../Brands.ts"
import type { ManagedProcess } from "./Processes.ts"

export type Failure =
  | { readonly kind: "first" }
  /** After another one of the session had failed, which is where to look. */
  | { readonly kind: "collateral"; readonly of: ProcessId }

type FirstFailures = Map<string, ProcessId>
type Judged = Pick<ManagedProcess, "id" | "spec" | "status" | "code" | "failure" | "unresponsive">

/** The judgement on a process as it stands now; notes the first. What was asked to stop has not failed. */
export const judge = (first: FirstFailures, process: Judged): Failure | null => {
  const { status, code, unresponsive } = process
  const failed =
    status === "boot_failed" || (status === "exited" && code !== 0) || (status === "stopped" && unresponsive)
  if (!failed) return null
  if (process.failure !== null) return process.failure
  const { session } = process.spec
  if (session === null) return { kind: "first" }
  const of = first.get(session)
  if (of !== undefined && of !== process.id) return { kind: "collateral", of }
  first.set(session, process.id)
  return { kind: "first" }
}

/** A session in which nobody lives begins anew with the next boot. */
export const forget = (first: FirstFailures, session: string | null, processes: Iterable<ManagedProcess>): void => {
  if (session === null || !first.has(session)) return
  for (const { spec, status } of processes) {
    const lives = status === "booting" || status === "running" || status === "stopping"
    if (lives && spec.session === session) return
  }
  first.delete(session)
}
