// Makes the log and the world agree again about one process, after a life of the agent in which nobody watched it.

import { Deferred, Effect } from "effect"
import type { ManagedProcess } from "../../domain/processes/Processes.ts"
import { recordedWord } from "./boot.ts"
import { endOf } from "./ending.ts"
import { fateOf, rootOf } from "./fate.ts"
import * as LifeDirectory from "./LifeDirectory.ts"
import * as limits from "./limits.ts"
import type { Means } from "./Means.ts"
import * as Ssh from "./Ssh.ts"
import * as Ward from "./Ward.ts"

/** Between two looks at a boot that an earlier agent began. */
const lookMillis = 50

/** Whom to watch from now on; null when it has ended or never began, and that is told. */
export const reconcile = Effect.fn("Supervisor.reconcile")(function* (
  means: Means,
  ward: Ward.Ward,
  known: ManagedProcess,
) {
  const { process } = ward.life
  if (known.spec.hosts !== undefined && !Ssh.isLocal(known.host))
    ward.remote = { host: known.host, user: known.spec.user }
  if (known.identity === null) yield* bootUnderWay(means, ward)
  const fate = yield* fateNow(means, ward, known)
  if (fate._tag === "NeverBooted") {
    const { reason } = fate
    yield* means.report({ _tag: "RecordBootFailed", id: Ward.factId(ward, "boot-failed"), process, reason })
    yield* Deferred.succeed(ward.booted, null)
    return null
  }
  const { identity } = fate.root
  if (known.identity === null) {
    yield* means.report({ _tag: "RecordBooted", id: Ward.factId(ward, "booted"), process, identity })
  }
  if (fate._tag === "Ended") {
    yield* means.report(endOf(ward, fate.status))
    yield* Deferred.succeed(ward.booted, null)
    return null
  }
  limits.recall(means, ward, known.limits ?? {})
  yield* means.report({ _tag: "RecordAdopted", id: Ward.freshId(), process, identity })
  yield* Deferred.succeed(ward.booted, fate.root)
  return fate.root
})

const fateNow = Effect.fn("Supervisor.fateNow")(function* (means: Means, ward: Ward.Ward, known: ManagedProcess) {
  const identity = yield* LifeDirectory.identity(ward.directory)
  const failure = yield* LifeDirectory.failure(ward.directory)
  const root = rootOf(known, identity)
  const lives = root === null ? { main: false, shim: false } : Ward.lives(means.kernel, root)
  // After the look at who lives: what has ended by then has left its status.
  const status = yield* LifeDirectory.status(ward.directory)
  return fateOf(known, { identity, failure, status, lives })
})

/** The earlier agent may have ended between the start of a shim and its first word; the shim goes on without it. */
const bootUnderWay = (means: Means, ward: Ward.Ward) => {
  const isUnderWay = Effect.gen(function* () {
    const word = yield* Effect.either(recordedWord(ward.directory))
    return word._tag === "Right" && word.right === null && means.kernel.carriers(ward.life.process).size > 0
  })
  return isUnderWay.pipe(
    Effect.tap((underWay) => (underWay ? Effect.sleep(lookMillis) : Effect.void)),
    Effect.repeat({ while: (underWay) => underWay }),
    Effect.timeoutOption(means.bounds.bootMillis),
  )
}
