// Ends a process on another host: everybody there who carries its marker, politely, then by force; the ssh client follows.

import { Deferred, Effect } from "effect"
import type { Means } from "./Means.ts"
import type { Request } from "./stop.ts"
import * as signals from "./signals.ts"
import * as Ssh from "./Ssh.ts"
import * as Ward from "./Ward.ts"

/** Somebody may have forked between the look and the signal. */
const rounds = 5

/** Whether nothing is left of it, as far as this host can see. */
export const stopElsewhere = Effect.fn("Supervisor.stopElsewhere")(function* (
  means: Means,
  ward: Ward.Ward,
  request: Request,
) {
  yield* sent(means, ward, request.signal)
  if (!request.stop) return true
  if (yield* isGoneWithin(ward, request.graceMillis)) return true
  const { force } = request
  if (force === null) return false
  for (let round = 0; round < rounds; round++) {
    yield* sent(means, ward, force)
    if (yield* isGoneWithin(ward, means.bounds.forceMillis / rounds)) return true
  }
  return false
})

const sent = Effect.fn("Supervisor.sentElsewhere")(function* (means: Means, ward: Ward.Ward, signal: string) {
  const { process } = ward.life
  const { remote } = ward
  const number = signals.numberOf(signal)
  if (remote === null || number === null) return
  const reached = yield* Ssh.signal(
    { configuration: means.options.sshConfig ?? null },
    remote.host,
    remote,
    process,
    number,
  )
  if (reached === null) {
    const reason = `${remote.host} does not answer: its processes may live on there`
    return yield* means.report({ _tag: "RecordSignalRefused", id: Ward.freshId(), process, signal, reason })
  }
  if (reached === 0) return
  ward.lastSignal = number
  yield* means.report({ _tag: "RecordSignalled", id: Ward.freshId(), process, signal })
})

const isGoneWithin = (ward: Ward.Ward, millis: number): Effect.Effect<boolean> =>
  Deferred.await(ward.gone).pipe(
    Effect.timeoutOption(millis),
    Effect.map((gone) => gone._tag === "Some"),
  )
