// Watches one process until nothing of it is left, and tells its end.

import { Deferred, Effect } from "effect"
import { endOf } from "./ending.ts"
import * as LifeDirectory from "./LifeDirectory.ts"
import type { Means } from "./Means.ts"
import { membersOf } from "./tree.ts"
import * as Ward from "./Ward.ts"

/** A shim writes its last record right before its end, and of that end nobody tells whoever did not start it. */
const endingMillis = 5

/** Ends when the tree is gone. What is true stands in the directory and in /proc; reminders only say when to look. */
export const watch = Effect.fn("Supervisor.watch")(function* (means: Means, ward: Ward.Ward, root: Ward.Root) {
  let told = false
  while (true) {
    const { main, shim } = Ward.lives(means.kernel, root)
    // Read after the look at who lives: a shim that is gone by then has written all that it will.
    const status = told ? null : yield* LifeDirectory.status(ward.directory)
    const over = !main && !shim && (yield* isTreeGone(means, ward, root))
    if (!told && (over || (status !== null && ward.stops === 0))) {
      yield* means.report(endOf(ward, status))
      told = true
    }
    if (over) break
    const isEnding = !main && (yield* LifeDirectory.empty(ward.directory)) !== null
    yield* Ward.pause(ward, isEnding ? endingMillis : ward.patienceMillis)
  }
  means.cgroups.remove(new Set(ward.cgroups.values()))
  yield* Deferred.succeed(ward.gone, undefined)
})

/**
 * Asked when the process and its shim are both gone. A shim ends after its tree; one that was itself killed, or stood in for,
 * may have left somebody behind. That matters to a stop, which promises that nothing is left.
 */
const isTreeGone = Effect.fn("Supervisor.isTreeGone")(function* (means: Means, ward: Ward.Ward, root: Ward.Root) {
  if (ward.stops === 0) return true
  if (ward.remote !== null) return ward.isRemoteGone
  const empty = yield* LifeDirectory.empty(ward.directory)
  if (empty !== null && empty.stragglers_reaped !== null) return true
  const marked = means.kernel.carriers(ward.life.process)
  const left = membersOf(means.kernel.all(), { ...root.identity, shimPid: null }, (one) => marked.has(one.pid))
  return left.inGroup === null && left.outside.length === 0
})
