// The monitors of a job and of a flow: first how it stands, then what happens, from that very position on.

import { Effect, Stream } from "effect"
import { Position } from "../../../domain/Brands.ts"
import type { Envelope } from "../../../domain/Envelope.ts"
import { now } from "../../../domain/Moment.ts"
import { flows } from "../../../projections/flows.ts"
import { LogReader } from "../../../projections/LogReader.ts"
import { type View, Views } from "../../../projections/Views.ts"
import { type JobMessage, monitorMessage } from "../../../wire/flowMessages.ts"
import { metricsAnswer } from "../../../wire/flows.ts"
import type { Conversation, RouteNeeds, RouteRequest, Words } from "../../Route.ts"

type Converse = (request: RouteRequest, conversation: Conversation) => Effect.Effect<void, never, RouteNeeds>

export const monitorJob: Converse = (request, conversation) =>
  conversing(conversation, (wants) =>
    Effect.gen(function* () {
      const id = request.params["job"] ?? ""
      conversation.about(new Set([id]))
      const view = yield* present
      const job = view.state(flows).jobs.get(id)
      const metrics = job === undefined ? null : metricsAnswer(job, view.at)
      yield* conversation.tell({ type: "metrics", job_id: id, metrics, position: view.position })
      yield* following(
        fromOf(request, view),
        (envelope) => jobOfEvent(envelope) === id,
        (message) => (wants(message.type) ? conversation.tell({ ...message }) : Effect.void),
      )
    }),
  )

export const monitorFlow: Converse = (request, conversation) =>
  conversing(conversation, (wants) =>
    Effect.gen(function* () {
      const flow = request.params["flow"] ?? ""
      const view = yield* present
      const own = new Set<string>()
      for (const job of view.state(flows).jobs.values()) if (job.flow === flow) own.add(job.id)
      conversation.about(own)
      yield* conversation.tell({ type: "flow_metrics", flow_id: flow, total_jobs: own.size, position: view.position })
      const isOwn = (envelope: Envelope) => {
        const { event } = envelope
        if (event._tag === "JobRequested" && event.flow === flow) own.add(event.job)
        return own.has(jobOfEvent(envelope) ?? "")
      }
      yield* following(fromOf(request, view), isOwn, (message) => {
        const { job_id, position } = message
        const words = { type: "flow_job_event", flow_id: flow, job_id, event: message, position }
        return wants(message.type) ? conversation.tell(words) : Effect.void
      })
    }),
  )

export const jobOfEvent = ({ event }: Envelope): string | null =>
  "job" in event && typeof event.job === "string" ? event.job : null

/** The views follow the log: they are never behind what a question showed. */
export const present = Effect.flatMap(Views, (views) => Effect.orDie(views.at(now)))

export const fromOf = (request: RouteRequest, view: View): Position => {
  const from = request.query.get("from")
  return Position(from === null ? view.position + 1 : Number(from))
}

/** Tells what happened to the jobs that are meant, from a position on, for as long as anybody writes. */
export const following = (
  from: Position,
  isMeant: (envelope: Envelope) => boolean,
  tell: (message: JobMessage) => Effect.Effect<void>,
): Effect.Effect<void, never, LogReader | Views> =>
  Effect.gen(function* () {
    const reader = yield* LogReader
    const views = yield* Views
    yield* reader.follow(from).pipe(
      Stream.runForEach((committed) =>
        Effect.gen(function* () {
          const meant = committed.filter(isMeant)
          if (meant.length === 0) return
          const { jobs } = (yield* views.at(now)).state(flows)
          for (const envelope of meant) {
            const message = monitorMessage(envelope, jobs.get(jobOfEvent(envelope) ?? ""))
            if (message !== null) yield* tell(message)
          }
        }),
      ),
      // A recording ends; the connection stays, for what else is asked on it.
      Effect.zipRight(Effect.never),
      Effect.catchAll((error) => Effect.logWarning(`a monitor can no longer follow the log: ${error.reason}`)),
    )
  })

/** What a client wants to be told of: all, unless it says otherwise. */
const conversing = <R>(
  conversation: Conversation,
  tell: (wants: (type: string) => boolean) => Effect.Effect<void, never, R>,
): Effect.Effect<void, never, R> => {
  let wanted: ReadonlySet<string> | null = null
  const listen = Stream.runForEach(conversation.said, (words) => {
    const change = subscription(words, wanted)
    if (change !== null) wanted = change.wanted
    return change === null ? Effect.void : conversation.tell(change.answer)
  })
  return Effect.raceFirst(
    tell((type) => wanted === null || wanted.has(type)),
    listen,
  )
}

const subscription = (words: Words, wanted: ReadonlySet<string> | null) => {
  const { action } = words
  const events = Array.isArray(words["events"]) ? words["events"].filter((one) => typeof one === "string") : []
  const confirmed = { type: "subscription:confirmed", action, events }
  switch (action) {
    case "subscribe":
      return { wanted: new Set([...(wanted ?? []), ...events]), answer: confirmed }
    case "unsubscribe":
      return { wanted: without(wanted ?? everything, events), answer: confirmed }
    case "subscribe_all":
      return { wanted: null, answer: { type: "subscription:confirmed", action } }
    case "pong":
      return null
    default: {
      if (words["type"] === "pong") return null
      const detail = "action is subscribe, unsubscribe or subscribe_all, with events"
      return { wanted, answer: { type: "error", detail } }
    }
  }
}

const everything: ReadonlySet<string> = new Set([
  "routine_start",
  "routine_complete",
  "routine_error",
  "event_emit",
  "log",
  "breakpoint_hit",
  "job_started",
  "job_paused",
  "job_resumed",
  "job_completed",
  "job_failed",
  "job_cancelled",
])

const without = (set: ReadonlySet<string>, names: ReadonlyArray<string>): ReadonlySet<string> =>
  new Set(Array.from(set).filter((one) => !names.includes(one)))
