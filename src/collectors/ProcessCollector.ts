// The managed processes and all their descendants, as /proc counts them.

import { Effect, Option } from "effect"
import type { ProcessIdentity } from "../domain/events/ProcessEvents.ts"
import type { ProcessCounters, SampleEvent } from "../domain/events/SampleEvents.ts"
import { failed } from "./breathe.ts"
import type { Collector, Seen } from "./Collector.ts"
import * as Details from "./Details.ts"
import * as Kin from "./Kin.ts"
import * as PageSize from "./PageSize.ts"
import * as ProcessStat from "./ProcessStat.ts"
import * as ProcFiles from "./ProcFiles.ts"

/** By full identity: a pid that was given to somebody else since is not looked at. */
export interface Managed extends ProcessIdentity {
  /** What its tree is to be looked at closer for, as its profile says. */
  readonly wants?: Details.Wants
}

export interface Options {
  readonly intervalMillis: number
  /** Who is managed now. */
  readonly managed: Effect.Effect<ReadonlyArray<Managed>>
  readonly procRoot?: string
}

export const make = (options: Options): Collector<Seen<SampleEvent>> => {
  const files = ProcFiles.make(options.procRoot ?? "/proc")
  const pageBytes = PageSize.read(files.root)
  const kinOf = Kin.make(files)
  let bootId: string | null = null
  return {
    name: "processes",
    intervalMillis: options.intervalMillis,
    collect: Effect.gen(function* () {
      const managed = yield* options.managed
      if (managed.length === 0) return Option.none()
      const kin = yield* kinOf(managed.map(({ pid }) => pid))
      return yield* Effect.try({
        try: () => {
          bootId ??= files.text("sys/kernel/random/boot_id").trim()
          const isDetailed = managed.some(({ wants }) => wants !== undefined)
          const wants = new Map<number, Details.Wants>()
          for (const one of managed) {
            if (one.bootId !== bootId || kin.startOf.get(one.pid) !== one.startTicks) continue
            for (const pid of kin.family(one.pid)) wants.set(pid, one.wants ?? wants.get(pid) ?? Details.nothing)
          }
          const processes = Array.from(wants).flatMap(([pid, asked]) => {
            const counters = countersOf(files, pid, kin.startOf.get(pid), pageBytes)
            if (counters === null) return []
            return isDetailed ? [{ ...counters, ...Details.of(files, pid, asked) }] : [counters]
          })
          return Option.some({ _tag: "SamplesTaken" as const, host: null, processes })
        },
        catch: failed,
      })
    }),
  }
}

/** Null for a process that ended since it was found, or whose pid is another's by now. */
const countersOf = (
  files: ProcFiles.ProcFiles,
  pid: number,
  startTicks: number | undefined,
  pageBytes: number,
): ProcessCounters | null => {
  const length = ProcFiles.readIfThere(files, `${pid}/stat`)
  const stat = length === null ? null : ProcessStat.parse(files.bytes, length)
  if (stat === null || stat.startTicks !== startTicks) return null
  const { residentPages, ...counters } = stat
  return { ...counters, residentBytes: residentPages * pageBytes, ...storage(files, pid) }
}

/** What went to and from storage; the caches' share is not in it. Another user's is not ours to read. */
const storage = (files: ProcFiles.ProcFiles, pid: number) => {
  const length = ProcFiles.readIfThere(files, `${pid}/io`)
  const text = length === null ? "" : files.bytes.toString("latin1", 0, length)
  const found = /^read_bytes: (\d+)\nwrite_bytes: (\d+)\n/m.exec(text)
  return { readBytes: found === null ? null : Number(found[1]), writtenBytes: found === null ? null : Number(found[2]) }
}
