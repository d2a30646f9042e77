// Looks closely at the processes behind a verdict as soon as it turns bad, and writes down what it found: later they may be gone.

import { Chunk, Effect, Layer, Option, Stream } from "effect"
import { Commands } from "../../commands/Commands.ts"
import type { Outputs } from "../../commands/Outputs.ts"
import type { Alert } from "../../domain/alerts/Alerts.ts"
import { collectives as collectivesRule } from "../../domain/alerts/builtIn.ts"
import { judge } from "../../domain/collectives/judge.ts"
import type { ProcessExamined } from "../../domain/events/EvidenceEvents.ts"
import { byPid } from "../../domain/processes/Processes.ts"
import { alerts } from "../../projections/alerts.ts"
import { collectives } from "../../projections/collectives.ts"
import { processes } from "../../projections/processes.ts"
import { samples } from "../../projections/samples.ts"
import { type View, Views } from "../../projections/Views.ts"
import { examine } from "./examine.ts"

export interface CaptureSettings {
  /** The agent's own name of its host: ranks elsewhere cannot be looked at. */
  readonly host: string
  readonly outputs: Outputs
  readonly procRoot?: string
}

/** Of those that hold others up, and of those that wait for them, at most so many are looked at. */
const maxCulprits = 8
const maxWaiting = 2
const outputLines = 20
const maxLineLength = 500
const outputMillis = 1000
const againMillis = 1000

interface Suspect {
  readonly rank: number
  readonly pid: number
}

/** Never ends. */
const run = (settings: CaptureSettings): Effect.Effect<never, never, Commands | Views> =>
  Effect.gen(function* () {
    const commands = yield* Commands
    const views = yield* Views
    let seen: number = (yield* Effect.orDie(views.until(() => true))).position
    const round = Effect.gen(function* () {
      const view = yield* views.until((one) => raisedAfter(one, seen).length > 0)
      const raised = raisedAfter(view, seen)
      seen = view.position
      const events = yield* Effect.forEach(
        raised.flatMap((alert) => suspectsOf(view, alert, settings.host).map((suspect) => ({ alert, suspect }))),
        ({ alert, suspect }) => lookAt(settings, view, alert, suspect),
        { concurrency: "unbounded" },
      )
      if (events.length > 0) yield* commands.record(events, { actor: "collector:evidence" })
    })
    return yield* round.pipe(
      Effect.catchAll((error) =>
        Effect.logDebug(`evidence is not taken: ${error.reason}`).pipe(Effect.zipRight(Effect.sleep(againMillis))),
      ),
      Effect.forever,
    )
  })

export const layer = (settings: CaptureSettings): Layer.Layer<never, never, Commands | Views> =>
  Layer.scopedDiscard(Effect.forkScoped(run(settings)))

const raisedAfter = (view: View, position: number): ReadonlyArray<Alert> => {
  const found: Array<Alert> = []
  for (const alert of view.state(alerts).raised.values())
    if (alert.rule === collectivesRule && alert.position > position) found.push(alert)
  return found
}

/** Everybody named, and a few of those who wait, as far as they run on this host. */
const suspectsOf = (view: View, alert: Alert, host: string): ReadonlyArray<Suspect> => {
  const known = {
    collectives: view.state(collectives),
    processes: view.state(processes),
    samples: view.state(samples),
  }
  const verdict = judge(known, view.at).find(({ communicator }) => communicator?.id === alert.subject)
  const seats = known.collectives.communicators.get(alert.subject)?.seats
  const local = (ranks: ReadonlyArray<number>): ReadonlyArray<Suspect> =>
    ranks.flatMap((rank) => {
      const seat = seats?.get(rank)
      const isHere = seat !== undefined && (seat.host === null || seat.host === host)
      return isHere && seat.pid !== null ? [{ rank, pid: seat.pid }] : []
    })
  return [
    ...local(verdict?.culprits.map(({ rank }) => rank) ?? []).slice(0, maxCulprits),
    ...local(verdict?.waiting ?? []).slice(0, maxWaiting),
  ]
}

const lookAt = (settings: CaptureSettings, view: View, alert: Alert, { rank, pid }: Suspect) =>
  Effect.gen(function* () {
    const managed = byPid(view.state(processes), pid)
    const output = managed === null ? [] : yield* lastLines(settings.outputs, managed)
    const findings = yield* examine(settings.procRoot ?? "/proc", pid)
    const examined: ProcessExamined = {
      _tag: "ProcessExamined",
      subject: alert.subject,
      verdict: alert.name,
      rank,
      pid,
      ...findings,
      output,
    }
    return examined
  })

const lastLines = (outputs: Outputs, process: Parameters<Outputs["lines"]>[0]["process"]) =>
  outputs.lines({ process, last: outputLines, until: null }).pipe(
    Stream.runCollect,
    Effect.map((chunks) =>
      Chunk.toReadonlyArray(chunks)
        .flat()
        .map((line) => line.trimEnd().slice(0, maxLineLength)),
    ),
    Effect.timeoutOption(outputMillis),
    Effect.map(Option.getOrElse(() => [] as ReadonlyArray<string>)),
    Effect.orElseSucceed(() => [] as ReadonlyArray<string>),
  )
