// Finds out, by /proc, whose process is at the other end of a loopback connection. The door may read the file system for this alone.

import { readdirSync, readFile, readlinkSync, statSync } from "node:fs"
import { join } from "node:path"
import { Deferred, Effect, FiberId } from "effect"
import type { Peer } from "../Peer.ts"
import { type Owner, ownerOf, type SocketTables } from "./socketTable.ts"

export interface SocketOwners {
  /** Null where nobody can tell; then the peer is trusted with little. */
  readonly ownerOf: (peer: Peer) => Effect.Effect<Owner | null>
  /** The process that holds a socket; null when none of those that may be looked into does. */
  readonly pidOf: (owner: Owner) => Effect.Effect<number | null>
}

/** What a search of all processes may cost of the agent's own time; its waits for its turn on a busy machine do not count. */
const searchBudgetMillis = 2_000
/** Of the search, in one go: other requests get their turn in between. */
const sliceMillis = 4

export const make = (procRoot: string): SocketOwners => {
  const tables = shared(Effect.all({ tcp: table(procRoot, "tcp"), tcp6: table(procRoot, "tcp6") }, { concurrency: 2 }))
  const wanted = new Map<number, Owner>()
  const search = shared(
    Effect.suspend(() => {
      const owners = new Map(wanted)
      wanted.clear()
      return pidsOf(procRoot, owners)
    }),
  )
  return {
    ownerOf: (peer) => Effect.map(tables, (read: SocketTables) => ownerOf(read, peer.remote, peer.local)),
    pidOf: (owner) =>
      Effect.suspend(() => {
        wanted.set(owner.inode, owner)
        return Effect.map(search, (pids) => pids.get(owner.inode) ?? null)
      }),
  }
}

/**
 * One costly look serves all who asked before it began: who comes while one is under way waits for the next. A
 * thousand new connections cost two reads of the table, not a thousand.
 */
const shared = <A>(look: Effect.Effect<A>): Effect.Effect<A> => {
  const turn = Effect.unsafeMakeSemaphore(1)
  let gathering: Deferred.Deferred<A> | null = null
  return Effect.suspend(() => {
    if (gathering !== null) return Deferred.await(gathering)
    const next = Deferred.unsafeMake<A>(FiberId.none)
    gathering = next
    const begin = Effect.suspend(() => {
      gathering = null
      return Effect.intoDeferred(look, next)
    })
    return Effect.zipRight(Effect.uninterruptible(turn.withPermits(1)(begin)), Deferred.await(next))
  })
}

const table = (procRoot: string, name: string): Effect.Effect<string> =>
  Effect.async((resume) => {
    readFile(join(procRoot, "net", name), "latin1", (error, text) => resume(Effect.succeed(error === null ? text : "")))
  })

/** Which process holds each socket: the one with the lowest pid, since a child inherits what its parent has open. */
const pidsOf = (procRoot: string, owners: ReadonlyMap<number, Owner>): Effect.Effect<ReadonlyMap<number, number>> =>
  Effect.gen(function* () {
    const links = new Map(Array.from(owners.keys(), (inode) => [`socket:[${inode}]`, inode] as const))
    const uids = new Set(Array.from(owners.values(), (owner) => owner.uid))
    const found = new Map<number, number>()
    let spentMillis = 0
    let sliceStart = performance.now()
    for (const pid of pidsIn(procRoot)) {
      if (found.size === owners.size || spentMillis > searchBudgetMillis) break
      const sliceSpent = performance.now() - sliceStart
      if (sliceSpent > sliceMillis) {
        spentMillis += sliceSpent
        yield* nextTurn
        sliceStart = performance.now()
      }
      for (const inode of socketsOf(procRoot, pid, uids, links)) if (!found.has(inode)) found.set(inode, pid)
    }
    return found
  })

const nextTurn: Effect.Effect<void> = Effect.async((resume) => {
  setImmediate(() => resume(Effect.void))
})

const pidsIn = (procRoot: string): ReadonlyArray<number> => {
  const names = orEmpty(() => readdirSync(procRoot))
  return names
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0)
    .sort((a, b) => a - b)
}

const socketsOf = (
  procRoot: string,
  pid: number,
  uids: ReadonlySet<number>,
  links: ReadonlyMap<string, number>,
): ReadonlyArray<number> =>
  orEmpty(() => {
    const folder = join(procRoot, String(pid))
    if (!uids.has(statSync(folder).uid)) return []
    const held: Array<number> = []
    for (const descriptor of readdirSync(join(folder, "fd"))) {
      const inode = links.get(orEmpty(() => [readlinkSync(join(folder, "fd", descriptor))])[0] ?? "")
      if (inode !== undefined) held.push(inode)
    }
    return held
  })

/** A process that ended in the middle of the look, or one that may not be looked into, holds nothing. */
const orEmpty = <A>(read: () => ReadonlyArray<A>): ReadonlyArray<A> => {
  try {
    return read()
  } catch {
    return []
  }
}
