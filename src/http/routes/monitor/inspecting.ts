// GET /api/processes/{pid}: who a process is, and what it holds open, for which the agent looks closer when it is asked.

import { Clock, Effect, Option, Stream } from "effect"
import { Commands } from "../../../commands/Commands.ts"
import { Position } from "../../../domain/Brands.ts"
import { byPid, isAlive } from "../../../domain/processes/Processes.ts"
import { LogReader } from "../../../projections/LogReader.ts"
import { processes } from "../../../projections/processes.ts"
import { type View, Views } from "../../../projections/Views.ts"
import { viewAsked, positionHeader } from "../../moments.ts"
import { ofReading } from "../../problems.ts"
import type { RouteRequest } from "../../Route.ts"
import { asksNow, notFound, pidOf, rowOf } from "./asking.ts"
import { detailsAnswer } from "./entries.ts"

/** A look that is younger is good enough. */
const freshMillis = 1000
const waitMillis = 2000

export const details = Effect.fn("GET /api/processes/{pid}")(function* (request: RouteRequest) {
  const pid = pidOf(request)
  const before = yield* viewAsked(request)
  const view = pid !== null && asksNow(request) ? yield* inspected(pid, before, request.caller.actor) : before
  const row = pid === null ? null : rowOf(view, pid)
  const answer =
    row === null ? notFound(request) : { status: 200, body: detailsAnswer(view, row, isManaged(view, row.facts.pid)) }
  return { ...answer, headers: { [positionHeader]: String(view.position) } }
})

const isManaged = (view: View, pid: number): boolean => {
  const managed = byPid(view.state(processes), pid)
  return managed !== null && isAlive(managed)
}

/** The view with a fresh look in it. A recorded session, and an agent that cannot look now, answer with what is known. */
const inspected = Effect.fn("monitor.inspected")(function* (pid: number, view: View, actor: string) {
  const now = yield* Clock.currentTimeMillis
  const row = rowOf(view, pid)
  if (row !== null && now - row.inspectedAt / 1000 < freshMillis) return view
  const commands = yield* Commands
  const views = yield* Views
  const asked = yield* Effect.option(commands.record([{ _tag: "ProcessInspectionRequested", pid }], { actor }))
  if (Option.isNone(asked)) return view
  const outcome = yield* outcomeOf("ProcessInspected", asked.value.position, waitMillis)
  return yield* views.reached(outcome?.position ?? asked.value.position).pipe(Effect.mapError(ofReading))
})

/** The event that answers the request at a position; null when none came in time. */
export const outcomeOf = <Tag extends "ProcessInspected" | "HostProcessEnded">(
  tag: Tag,
  request: Position,
  millis: number,
) =>
  Effect.flatMap(LogReader, (reader) =>
    reader.follow(Position(request + 1)).pipe(
      Stream.mapConcat((envelopes) => envelopes),
      Stream.filterMap(({ event, position }) =>
        event._tag === tag && "request" in event && event.request === request
          ? Option.some({ event: event as Extract<typeof event, { readonly _tag: Tag }>, position })
          : Option.none(),
      ),
      Stream.runHead,
      Effect.timeoutOption(millis),
      Effect.map((found) => Option.getOrNull(Option.flatten(found))),
      Effect.mapError(ofReading),
    ),
  )
