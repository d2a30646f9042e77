// Waits until those that a process depends on are ready, or until it is known that they will not be.

import { Effect } from "effect"
import type { ProcessId } from "../../domain/Brands.ts"
import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"
import { missingOf } from "../../domain/processes/dependencies.ts"
import { isAlive } from "../../domain/processes/Processes.ts"
import { processes } from "../../projections/processes.ts"
import { type View, Views } from "../../projections/Views.ts"

/** Null once they are ready; else why they are not. */
export type Dependencies = (process: ProcessId, spec: ProcessSpec) => Effect.Effect<string | null>

export const make = (waitMillis: number): Effect.Effect<Dependencies, never, Views> =>
  Effect.map(Views, (views) => (process, spec) => {
    const isDecided = (view: View) => missing(view, spec).length === 0 || calledOff(view, process)
    return views.until(isDecided).pipe(
      Effect.map((view) => (calledOff(view, process) ? "it was stopped while it waited for what it depends on" : null)),
      Effect.timeoutTo({
        duration: waitMillis,
        onSuccess: (obstacle) => Effect.succeed(obstacle),
        onTimeout: () =>
          Effect.map(
            views.until(() => true),
            (view) => `not ready within ${waitMillis / 1000} s: ${missing(view, spec).join(", ")}`,
          ),
      }),
      Effect.flatten,
      Effect.catchAll(({ reason }) => Effect.succeed(`nobody knows whether what it depends on is ready: ${reason}`)),
    )
  })

const missing = (view: View, spec: ProcessSpec) => missingOf(view.state(processes), spec)

const calledOff = (view: View, process: ProcessId): boolean => {
  const found = view.state(processes).byId.get(process)
  return found === undefined || !isAlive(found) || found.stop !== null
}
