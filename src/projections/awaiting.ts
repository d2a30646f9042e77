// Waits for what becomes of a process, for faces that answer with it. All of them are bounded.

import { Data, Effect } from "effect"
import type { Position, ProcessId } from "../domain/Brands.ts"
import { isAlive, type ManagedProcess } from "../domain/processes/Processes.ts"
import { processes } from "./processes.ts"
import { type View, Views, type ViewsUnavailable } from "./Views.ts"

/** Nothing became of it in all that time. */
export class StillUndecided extends Data.TaggedError("StillUndecided")<{
  readonly millis: number
  readonly process: ManagedProcess | null
}> {}

type Awaited = Effect.Effect<ManagedProcess | null, StillUndecided | ViewsUnavailable, Views>

/** A boot is known to have worked or not within this; the supervisor's own bounds are shorter, but for what waits for others. */
export const bootMillis = 75_000
/** For a large tree that has to be forced, beyond its grace. */
export const forceMillis = 12_000

export const find = (view: View, id: ProcessId): ManagedProcess | null => {
  const { byId, script } = view.state(processes)
  return byId.get(id) ?? (script?.id === id ? script : null)
}

/** As it stands once a boot asked for at this position has worked or failed; null when it is not managed any more. */
export const booted = (id: ProcessId, since: Position, millis = bootMillis): Awaited =>
  awaited(id, since, millis, ({ status }) => status !== "booting")

/** As it stands once it has ended. */
export const over = (id: ProcessId, since: Position, millis: number): Awaited =>
  awaited(id, since, millis, (process) => !isAlive(process))

/** Once it has been booted again: it had `boots` before. */
export const again = (id: ProcessId, since: Position, boots: number, millis: number): Awaited =>
  awaited(id, since, millis, (process) => process.boots > boots && process.status !== "booting")

const awaited = (
  id: ProcessId,
  since: Position,
  millis: number,
  holds: (process: ManagedProcess) => boolean,
): Awaited =>
  Effect.gen(function* () {
    const views = yield* Views
    const isDecided = (view: View) => {
      if (view.position < since) return false
      const process = find(view, id)
      return process === null || holds(process)
    }
    const view = yield* Effect.timeoutOption(views.until(isDecided), millis)
    if (view._tag === "Some") return find(view.value, id)
    const present = yield* views.until(() => true)
    return yield* new StillUndecided({ millis, process: find(present, id) })
  })
