// The recorded collectives sent over HTTP/2 to a running agent, at the pace at which they came: a load and a test of the whole way in.

import * as http2 from "node:http2"
import { Effect, Stream } from "effect"
import type { Envelope } from "../domain/Envelope.ts"
import type { CollectiveEvent } from "../domain/events/CollectiveEvents.ts"
import type { LogReader } from "../projections/LogReader.ts"
import { gapMicros } from "../session/replay/pace.ts"
import type { Speed } from "../session/replay/Playback.ts"
import { recordOf } from "../wire/cclRecord.ts"
import { failed, type Failure } from "./Failure.ts"

/** Records of one request: what is due at once goes together. */
const perRequest = 1000
const isCollective = (envelope: Envelope): envelope is Envelope<CollectiveEvent> =>
  "reporter" in envelope.event && "op" in envelope.event

/** How many were taken. Fails with the first answer that refuses. */
export const replayTo = (
  reader: LogReader["Type"],
  url: string,
  speed: Speed,
): Effect.Effect<number, Failure | { readonly reason: string }> =>
  Effect.scoped(
    Effect.gen(function* () {
      const session = yield* connected(url)
      const { first, head } = yield* reader.source
      let before: Envelope | null = null
      let due = performance.now()
      let sent = 0
      const wait = (to: Envelope) =>
        Effect.suspend(() => {
          if (speed === "max") return Effect.void
          due += before === null ? 0 : gapMicros(before, to) / 1000 / speed
          before = to
          const millis = due - performance.now()
          return millis > 1 ? Effect.sleep(millis) : Effect.void
        })
      yield* reader.read({ from: first, to: head }).pipe(
        Stream.mapConcat((envelopes) => envelopes.filter(isCollective)),
        Stream.tap(wait),
        Stream.groupedWithin(perRequest, speed === "max" ? "1 second" : "2 millis"),
        // One after the other: a rank's records arrive in the order in which they came.
        Stream.runForEach((envelopes) => {
          const lines = Array.from(envelopes, ({ event }) => JSON.stringify(recordOf(event)))
          return Effect.map(posted(session, `${lines.join("\n")}\n`), () => {
            sent += lines.length
          })
        }),
      )
      return sent
    }),
  )

const connected = (url: string) =>
  Effect.acquireRelease(
    Effect.async<http2.ClientHttp2Session, Failure>((resume) => {
      const session = http2.connect(url)
      session.once("connect", () => resume(Effect.succeed(session)))
      session.once("error", (error: Error) => resume(failed(`${url} cannot be reached: ${error.message}`)))
    }),
    (session) => Effect.sync(() => session.close()),
  )

const posted = (session: http2.ClientHttp2Session, body: string): Effect.Effect<void, Failure> =>
  Effect.async((resume) => {
    const request = session.request({ ":method": "POST", ":path": "/log_ccl", "content-type": "application/x-ndjson" })
    let status = 0
    let text = ""
    request.on("response", (headers) => (status = Number(headers[":status"])))
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk.slice(0, 500)))
    request.on("end", () =>
      resume(
        status < 300 ? Effect.void : failed(`the agent answers ${status} to the collectives: ${text.slice(0, 300)}`),
      ),
    )
    request.on("error", (error: Error) => resume(failed(`the agent broke off: ${error.message}`)))
    request.end(body)
  })
