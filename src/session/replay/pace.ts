// The pace of a recording: how long after one event the next one happened.

import type { Envelope } from "../../domain/Envelope.ts"

type Times = Pick<Envelope, "at" | "mono">

/** Microseconds. By the monotonic clock, which no clock setting moves; by the wall clock where the host was booted again between. */
export const gapMicros = (before: Times, after: Times): number => {
  const mono = after.mono - before.mono
  return mono >= 0 ? mono : Math.max(0, after.at - before.at)
}
