// The general WebSocket: subscribes to jobs one by one, or to all; to all from the beginning where it goes on from a position.

import { Effect, Stream } from "effect"
import { flows } from "../../../projections/flows.ts"
import { generalMessages } from "../../../wire/flowMessages.ts"
import type { Conversation, RouteNeeds, RouteRequest, Words } from "../../Route.ts"
import { following, fromOf, jobOfEvent, present } from "./monitors.ts"

interface Subscribed {
  readonly jobs: Set<string>
  all: boolean
}

export const converseGenerally = (
  request: RouteRequest,
  conversation: Conversation,
): Effect.Effect<void, never, RouteNeeds> =>
  Effect.gen(function* () {
    const subscribed: Subscribed = { jobs: new Set(), all: request.query.has("from") }
    const view = yield* present
    const tell = following(
      fromOf(request, view),
      (envelope) => {
        const job = jobOfEvent(envelope)
        return job !== null && (subscribed.all || subscribed.jobs.has(job))
      },
      (message) => Effect.forEach(generalMessages(message), conversation.tell, { discard: true }),
    )
    const listen = Stream.runForEach(conversation.said, (words) => answer(words, subscribed, conversation))
    yield* Effect.raceFirst(tell, listen)
  })

const answer = (words: Words, subscribed: Subscribed, conversation: Conversation) =>
  Effect.gen(function* () {
    const { type, job_id: job } = words
    const said = { type, job_id: job ?? null }
    if (type === "pong") return
    if (type === "ping") return yield* conversation.tell({ type: "pong" })
    if (type !== "subscribe" && type !== "unsubscribe") return yield* refuse("type is subscribe, unsubscribe or ping")
    if (job !== undefined && job !== null && typeof job !== "string") return yield* refuse("job_id is a text")
    if (type === "subscribe" && typeof job === "string" && !(yield* present).state(flows).jobs.has(job)) {
      return yield* refuse(`Job '${job.slice(0, 100)}' not found`)
    }
    const isOn = type === "subscribe"
    if (typeof job !== "string") subscribed.all = isOn
    else if (isOn) subscribed.jobs.add(job)
    else subscribed.jobs.delete(job)
    conversation.about(new Set(subscribed.jobs))
    yield* conversation.tell({ ...said, type: `${type}d` })

    function refuse(detail: string) {
      return conversation.tell({ ...said, type: "error", detail })
    }
  })
