// The managed processes and all their descendants, as /proc counts them.

import { Effect, Option } from "effect"
import type { ProcessIdentity } from "../domain/events/ProcessEvents.ts"
import type { ProcessCounters, SampleEvent } from "../domain/events/SampleEvents.ts"
import { breathe, failed } from "./breathe.ts"
import type { Collector, CollectorError, Seen } from "./Collector.ts"
import * as PageSize from "./PageSize.ts"
import * as ProcessStat from "./ProcessStat.ts"
import * as ProcFiles from "./ProcFiles.ts"

export interface Options {
  readonly intervalMillis: number
  /** Who is managed now, by full identity: a pid that was given to somebody else since is not looked at. */
  readonly managed: Effect.Effect<ReadonlyArray<ProcessIdentity>>
  readonly procRoot?: string
}

/** The shim reaps what its child leaves behind, so descendants that escaped hang below it, beside the child. */
const shimName = "annalist-shim"
/** Processes looked at in one go, about two milliseconds' worth, before the event loop gets its turn. */
const turn = 256

export const make = (options: Options): Collector<Seen<SampleEvent>> => {
  const files = ProcFiles.make(options.procRoot ?? "/proc")
  const pageBytes = PageSize.read(files.root)
  let bootId: string | null = null
  return {
    name: "processes",
    intervalMillis: options.intervalMillis,
    collect: Effect.gen(function* () {
      const managed = yield* options.managed
      if (managed.length === 0) return Option.none()
      const kin = yield* walk(files)
      return yield* Effect.try({
        try: () => {
          bootId ??= files.text("sys/kernel/random/boot_id").trim()
          const roots = managed.filter((one) => one.bootId === bootId && kin.startOf.get(one.pid) === one.startTicks)
          const pids = family(files, kin, roots)
          const processes = Array.from(pids).flatMap((pid) => countersOf(files, pid, kin.startOf.get(pid), pageBytes))
          return Option.some({ _tag: "SamplesTaken" as const, host: null, processes })
        },
        catch: failed,
      })
    }),
  }
}

/** Who started when, and who is whose child. */
interface Kin {
  readonly startOf: Map<number, number>
  readonly parentOf: Map<number, number>
  readonly childrenOf: Map<number, Array<number>>
}

/** Every process: /proc/<pid>/children would be less to read, but it may leave out the sibling of one that just ended. */
const walk = (files: ProcFiles.ProcFiles): Effect.Effect<Kin, CollectorError> =>
  Effect.gen(function* () {
    const kin: Kin = { startOf: new Map(), parentOf: new Map(), childrenOf: new Map() }
    const pids = yield* Effect.try({
      try: files.pids,
      catch: failed,
    })
    for (let from = 0; from < pids.length; from += turn) {
      if (from > 0) yield* breathe
      for (const pid of pids.slice(from, from + turn)) note(files, kin, pid)
    }
    return kin
  })

const note = (files: ProcFiles.ProcFiles, kin: Kin, pid: number): void => {
  const length = readIfThere(files, `${pid}/stat`)
  const found = length === null ? null : ProcessStat.parseKinship(files.bytes, length)
  if (found === null) return
  kin.startOf.set(pid, found.startTicks)
  kin.parentOf.set(pid, found.parentPid)
  const siblings = kin.childrenOf.get(found.parentPid)
  if (siblings === undefined) kin.childrenOf.set(found.parentPid, [pid])
  else siblings.push(pid)
}

const family = (files: ProcFiles.ProcFiles, kin: Kin, roots: ReadonlyArray<ProcessIdentity>): ReadonlySet<number> => {
  const members = new Set<number>()
  const open = roots.map((root) => root.pid)
  for (const root of roots) {
    const parent = kin.parentOf.get(root.pid) ?? 0
    if (isShim(files, parent)) open.push(...(kin.childrenOf.get(parent) ?? []))
  }
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (members.has(pid)) continue
    members.add(pid)
    open.push(...(kin.childrenOf.get(pid) ?? []))
  }
  return members
}

const isShim = (files: ProcFiles.ProcFiles, pid: number): boolean => {
  const length = readIfThere(files, `${pid}/stat`)
  return length !== null && ProcessStat.parse(files.bytes, length)?.name === shimName
}

/** Nothing for a process that ended since the walk, or whose pid is another's by now. */
const countersOf = (
  files: ProcFiles.ProcFiles,
  pid: number,
  startTicks: number | undefined,
  pageBytes: number,
): ReadonlyArray<ProcessCounters> => {
  const length = readIfThere(files, `${pid}/stat`)
  const stat = length === null ? null : ProcessStat.parse(files.bytes, length)
  if (stat === null || stat.startTicks !== startTicks) return []
  const { residentPages, ...counters } = stat
  return [{ ...counters, residentBytes: residentPages * pageBytes, ...storage(files, pid) }]
}

/** What went to and from storage; the caches' share is not in it. Another user's is not ours to read. */
const storage = (files: ProcFiles.ProcFiles, pid: number) => {
  const length = readIfThere(files, `${pid}/io`)
  const text = length === null ? "" : files.bytes.toString("latin1", 0, length)
  const found = /^read_bytes: (\d+)\nwrite_bytes: (\d+)\n/m.exec(text)
  return { readBytes: found === null ? null : Number(found[1]), writtenBytes: found === null ? null : Number(found[2]) }
}

/** Null for a file that is gone or not ours to read; anything else is a failure of the whole look. */
const readIfThere = (files: ProcFiles.ProcFiles, path: string): number | null => {
  try {
    return files.read(path)
  } catch (error) {
    if (ProcFiles.isGone(error) || ProcFiles.isForbidden(error)) return null
    throw error
  }
}
