// Who belongs to a managed process: everybody below it, and whoever escaped from it to its shim.

import { readdirSync } from "node:fs"
import { Effect } from "effect"
import { breathe, failed } from "./breathe.ts"
import type { CollectorError } from "./Collector.ts"
import * as ProcessStat from "./ProcessStat.ts"
import * as ProcFiles from "./ProcFiles.ts"

export interface Kin {
  readonly startOf: ReadonlyMap<number, number>
  /** The process and all who belong to it. */
  readonly family: (pid: number) => ReadonlySet<number>
}

/** Who started when, and who is whose child. */
interface Found {
  readonly startOf: Map<number, number>
  readonly parentOf: Map<number, number>
  readonly childrenOf: Map<number, Array<number>>
}

/** The shim reaps what its child leaves behind, so descendants that escaped hang below it, beside the child. */
const shimName = "annalist-shim"
/** Processes looked at in one go, about two milliseconds' worth, before the event loop gets its turn. */
const turn = 256

/**
 * Where the kernel tells the children of a thread, only the trees themselves are walked. It may leave out the sibling of one that ends
 * meanwhile: so whoever belonged to them at the last look is looked up as well.
 */
export const make = (
  files: ProcFiles.ProcFiles,
): ((roots: ReadonlyArray<number>) => Effect.Effect<Kin, CollectorError>) => {
  const tellsChildren = ProcFiles.readIfThere(files, "thread-self/children") !== null
  let before: ReadonlyArray<number> = []
  return (roots) =>
    Effect.map(tellsChildren ? near(files, [...roots, ...before]) : everybody(files), (found) => {
      before = Array.from(found.startOf.keys())
      return { startOf: found.startOf, family: (pid) => family(files, found, pid) }
    })
}

const empty = (): Found => ({ startOf: new Map(), parentOf: new Map(), childrenOf: new Map() })

const near = (files: ProcFiles.ProcFiles, seeds: ReadonlyArray<number>): Effect.Effect<Found, CollectorError> =>
  Effect.try({
    try: () => {
      const found = empty()
      const open = [...seeds]
      for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
        if (found.startOf.has(pid) || !note(files, found, pid)) continue
        const parent = found.parentOf.get(pid) ?? 0
        if (isShim(files, parent)) open.push(...childrenIn(files, parent))
        open.push(...childrenIn(files, pid))
      }
      return found
    },
    catch: failed,
  })

const childrenIn = (files: ProcFiles.ProcFiles, pid: number): ReadonlyArray<number> => {
  const children: Array<number> = []
  for (const thread of threadsOf(files.root, pid)) {
    const text = files.textIfThere(`${pid}/task/${thread}/children`)
    for (const word of text.split(" ")) if (word !== "") children.push(Number(word))
  }
  return children
}

const threadsOf = (root: string, pid: number): ReadonlyArray<string> => {
  try {
    return readdirSync(`${root}/${pid}/task`)
  } catch {
    // It ended meanwhile.
    return []
  }
}

const everybody = (files: ProcFiles.ProcFiles): Effect.Effect<Found, CollectorError> =>
  Effect.gen(function* () {
    const found = empty()
    const pids = yield* Effect.try({ try: files.pids, catch: failed })
    for (let from = 0; from < pids.length; from += turn) {
      if (from > 0) yield* breathe
      for (const pid of pids.slice(from, from + turn)) note(files, found, pid)
    }
    return found
  })

/** Whether there is such a process. */
const note = (files: ProcFiles.ProcFiles, found: Found, pid: number): boolean => {
  const length = ProcFiles.readIfThere(files, `${pid}/stat`)
  const kinship = length === null ? null : ProcessStat.parseKinship(files.bytes, length)
  if (kinship === null) return false
  found.startOf.set(pid, kinship.startTicks)
  found.parentOf.set(pid, kinship.parentPid)
  const siblings = found.childrenOf.get(kinship.parentPid)
  if (siblings === undefined) found.childrenOf.set(kinship.parentPid, [pid])
  else siblings.push(pid)
  return true
}

const family = (files: ProcFiles.ProcFiles, found: Found, root: number): ReadonlySet<number> => {
  const members = new Set<number>()
  const open = [root]
  const parent = found.parentOf.get(root) ?? 0
  if (isShim(files, parent)) open.push(...(found.childrenOf.get(parent) ?? []))
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (members.has(pid)) continue
    members.add(pid)
    open.push(...(found.childrenOf.get(pid) ?? []))
  }
  return members
}

const isShim = (files: ProcFiles.ProcFiles, pid: number): boolean => {
  const length = ProcFiles.readIfThere(files, `${pid}/stat`)
  return length !== null && ProcessStat.parse(files.bytes, length)?.name === shimName
}
