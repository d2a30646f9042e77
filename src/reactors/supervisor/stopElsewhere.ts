// Ends a process on another host: everybody there who carries its marker, politely, then by force; the ssh client follows.

import { Clock, Deferred, Effect, Option } from "effect"
import type { Means } from "./Means.ts"
import type { Request } from "./stop.ts"
import * as signals from "./signals.ts"
import * as Ssh from "./Ssh.ts"
import * as Ward from "./Ward.ts"

/** Somebody may have forked between the look and the signal. */
const rounds = 3
const lookMillis = 100

/** Whether nothing is left of it, as far as this host can see. */
export const stopElsewhere = Effect.fn("Supervisor.stopElsewhere")(function* (
  means: Means,
  ward: Ward.Ward,
  request: Request,
) {
  yield* sent(means, ward, request.signal)
  if (!request.stop) return true
  if (yield* isEmptyWithin(means, ward, request.graceMillis)) return true
  const { force } = request
  if (force === null) return false
  for (let round = 0; round < rounds; round++) {
    yield* sent(means, ward, force)
    if (yield* isEmptyWithin(means, ward, means.bounds.forceMillis / rounds)) return true
  }
  ward.isRemoteGone = true
  return false
})

const signalled = (means: Means, ward: Ward.Ward, number: number): Effect.Effect<number | null> =>
  ward.remote === null
    ? Effect.succeed(null)
    : Ssh.signal(
        { configuration: means.options.sshConfig ?? null },
        ward.remote.host,
        ward.remote,
        ward.life.process,
        number,
      )

const sent = Effect.fn("Supervisor.sentElsewhere")(function* (means: Means, ward: Ward.Ward, signal: string) {
  const { process } = ward.life
  const number = signals.numberOf(signal)
  if (ward.remote === null || number === null) return
  const before = ward.lastSignal
  // Set beforehand: the end may be told before the other host has answered.
  ward.lastSignal = number
  const reached = yield* signalled(means, ward, number)
  if (reached === null) {
    const reason = `${ward.remote.host} does not answer: its processes may live on there`
    return yield* means.report({ _tag: "RecordSignalRefused", id: Ward.freshId(), process, signal, reason })
  }
  if (reached === 0) ward.lastSignal = before
  else yield* means.report({ _tag: "RecordSignalled", id: Ward.freshId(), process, signal })
})

/** The ssh client ends with the first process; what that started may live longer, so the other host is asked as well. */
const isEmptyWithin = Effect.fn("Supervisor.isEmptyWithin")(function* (means: Means, ward: Ward.Ward, millis: number) {
  const deadline = (yield* Clock.currentTimeMillis) + millis
  while (true) {
    // Bounded by itself; once asked, the answer is waited for.
    if ((yield* signalled(means, ward, 0)) === 0) {
      ward.isRemoteGone = true
      Ward.awaken(ward)
      return Option.isSome(yield* Effect.timeoutOption(Deferred.await(ward.gone), means.bounds.forceMillis))
    }
    if ((yield* Clock.currentTimeMillis) >= deadline) return false
    yield* Effect.sleep(lookMillis)
  }
})
