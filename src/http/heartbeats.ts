// Comments in a stream of server-sent events: they keep proxies from closing a quiet one, and show the agent that the reader is gone.

import { Duration, Schedule, Stream } from "effect"

const everyMillis = 15_000
const comment = new TextEncoder().encode(": still here\n\n")

export const heartbeats: Stream.Stream<Uint8Array> = Stream.schedule(
  Stream.repeatValue(comment),
  Schedule.spaced(Duration.millis(everyMillis)),
)
