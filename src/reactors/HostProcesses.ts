// Acts on processes of the host that nobody here manages: looks at one closely, or ends it, when the log says that somebody asked.

import { Effect, Layer, Schedule, type Scope, Stream } from "effect"
import { Commands } from "../commands/Commands.ts"
import { Position } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import type { Event } from "../domain/Event.ts"
import type { HostProcessEnded } from "../domain/events/HostProcessEvents.ts"
import { EventLog } from "../log/EventLog.ts"
import * as Kernel from "./supervisor/Kernel.ts"
import * as killGuard from "./supervisor/killGuard.ts"

export interface Options {
  /** A close look at one process: what is seen of it, null when it is not there. */
  readonly inspect: (pid: number) => Extract<Event, { _tag: "ProcessInspected" }>["seen"]
}

const caller = { actor: "agent" }

/** After SIGTERM, after SIGKILL. */
const graceMillis = 3000
const forceMillis = 2000
/** How soon an end is noticed. */
const stepMillis = 20

/** A request that an earlier agent left undone is not taken up again: who asked has long had no answer. */
export const layer = (options: Options): Layer.Layer<never, never, EventLog | Commands> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const log = yield* EventLog
      const kernel = Kernel.make()
      const scope = yield* Effect.scope
      const { head } = yield* log.info
      yield* log.follow(Position(head + 1)).pipe(
        Stream.runForEach((committed) =>
          Effect.forEach(committed.filter(isAsked), (one) => act(one, options, kernel, scope), { discard: true }),
        ),
        Effect.tapError((error) => Effect.logWarning(`questions about processes wait for the log: ${error.reason}`)),
        Effect.retry(Schedule.spaced("1 second")),
        Effect.forkScoped,
      )
    }),
  )

/** Telemetry comes by here as well, a hundred thousand events a second: what is none of ours costs a comparison. */
const isAsked = ({ event }: Envelope): boolean =>
  event._tag === "ProcessInspectionRequested" || event._tag === "HostProcessEndRequested"

const act = (
  { event, position: request }: Envelope,
  { inspect }: Options,
  kernel: Kernel.Kernel,
  scope: Scope.Scope,
): Effect.Effect<void, never, Commands> => {
  if (event._tag === "ProcessInspectionRequested") {
    return tell({ _tag: "ProcessInspected", request, pid: event.pid, seen: inspect(event.pid) })
  }
  if (event._tag !== "HostProcessEndRequested") return Effect.void
  // Ends take seconds, and others ask meanwhile.
  return end(event, kernel).pipe(
    Effect.flatMap((ended) => tell({ _tag: "HostProcessEnded", request, pid: event.pid, ...ended })),
    Effect.forkIn(scope),
    Effect.asVoid,
  )
}

type Ended = Pick<HostProcessEnded, "name" | "outcome" | "reason">

const end = Effect.fn("HostProcesses.end")(function* (
  asked: { readonly pid: number; readonly startTicks: number | null; readonly force: boolean },
  kernel: Kernel.Kernel,
): Effect.fn.Return<Ended> {
  const { pid, startTicks, force } = asked
  const found = kernel.find(pid)
  const name = found === null ? null : kernel.nameOf(pid)
  if (!Kernel.isAlive(found) || (startTicks !== null && found.startTicks !== startTicks)) {
    return { name, outcome: "gone", reason: null }
  }
  const refusal = killGuard.refusal({ pid, startTicks, found }, Kernel.lineage(kernel, process.pid))
  if (refusal !== null) return { name, outcome: "refused", reason: refusal }
  const isGone = Effect.sync(() => {
    const now = kernel.find(pid)
    return !Kernel.isAlive(now) || now.startTicks !== found.startTicks
  })
  const signal = (what: NodeJS.Signals, waitMillis: number) =>
    Effect.try({ try: () => process.kill(pid, what), catch: codeOf }).pipe(
      Effect.zipRight(goneWithin(isGone, waitMillis)),
      Effect.catchAll((code) => (code === "ESRCH" ? Effect.succeed(true) : Effect.fail(code))),
    )
  return yield* Effect.gen(function* () {
    if (!force && (yield* signal("SIGTERM", graceMillis))) return { name, outcome: "terminated", reason: null } as const
    if (yield* signal("SIGKILL", forceMillis)) {
      return { name, outcome: force ? "terminated" : "killed", reason: null } as const
    }
    const reason = `it is still there ${forceMillis / 1000} s after SIGKILL: the kernel holds it`
    return { name, outcome: "refused", reason } as const
  }).pipe(
    Effect.catchAll((code) =>
      Effect.succeed(
        code === "EPERM"
          ? ({ name, outcome: "forbidden", reason: null } as const)
          : ({ name, outcome: "refused", reason: code } as const),
      ),
    ),
  )
})

const goneWithin = (isGone: Effect.Effect<boolean>, millis: number): Effect.Effect<boolean> =>
  isGone.pipe(
    Effect.repeat({
      until: (gone) => gone,
      schedule: Schedule.spaced(stepMillis).pipe(Schedule.upTo(millis)),
    }),
    Effect.zipRight(isGone),
  )

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error)

const tell = (event: Event) =>
  Effect.flatMap(Commands, (commands) => commands.record([event], caller)).pipe(
    Effect.catchAll((error) => Effect.logError(`${event._tag} is not in the log: ${error.reason}`)),
    Effect.asVoid,
  )
