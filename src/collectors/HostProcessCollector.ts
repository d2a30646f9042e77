// Every process of the host: who is there, what each takes. Tells everything once in a while and changes in between.

import { Effect, Option } from "effect"
import type { CounterRow, ProcessesSampled, ProcessFacts } from "../domain/events/HostProcessEvents.ts"
import { breathe, failed } from "./breathe.ts"
import type { Collector, Seen } from "./Collector.ts"
import * as Facts from "./Facts.ts"
import * as PageSize from "./PageSize.ts"
import * as ProcFiles from "./ProcFiles.ts"
import * as ProcessStat from "./ProcessStat.ts"
import * as StatFiles from "./StatFiles.ts"

export interface Options {
  readonly intervalMillis: number
  readonly procRoot?: string
  readonly passwdFile?: string
  /** Looks from one that tells everything to the next. */
  readonly wholeEvery?: number
}

/** Two minutes at the usual interval: a reader that begins in the middle knows everything after that. */
const wholeEvery = 40
/** The event loop gets its turn after as much, asked after each so many processes. */
const turnMillis = 2
const turnCheckedEvery = 8
/** Reading the names of very many processes is a turn of its own. */
const manyPids = 512
/** Looks after which the stat file of one that only rests is read all the same: its memory may be taken, its priority changed from outside. */
const rereadEvery = 10
/** Looks after which facts that the stat file does not have are read again: a user or a command line changes hardly ever without the name. */
const refreshEvery = 100
/** An event has a bounded weight. Of more processes than these the rest is told by the next looks. */
const factsMost = 1500

/** What the last look told of a process. */
interface Told {
  readonly facts: ProcessFacts
  /** Of the name and what else the facts have from the stat line. */
  readonly signature: number
  readonly state: number
  readonly cpuTicks: number
  readonly pages: number
  readonly threads: number
  /** The look that last saw it; 0 when it must be read anew. */
  look: number
  /** Whether its facts had no room in the looks so far. */
  owed: boolean
}

interface Look {
  readonly number: number
  readonly whole: boolean
  there: number
  readonly facts: Array<ProcessFacts>
  readonly changed: Array<CounterRow>
}

export interface HostProcessCollector extends Collector<Seen<ProcessesSampled>> {
  /** How many processes the last look saw; null before it. */
  readonly count: () => number | null
}

export const make = (options: Options): HostProcessCollector => {
  const files = ProcFiles.make(options.procRoot ?? "/proc")
  const stats = StatFiles.make(files.root)
  const facts = Facts.make(files, options.passwdFile ?? "/etc/passwd")
  const pageBytes = PageSize.read(files.root)
  const known = new Map<number, Told>()
  const every = options.wholeEvery ?? wholeEvery
  let number = 0
  let count: number | null = null

  /** One thread that has not run: its counters are as they were. */
  const rests = (pid: number, before: Told, number: number): boolean =>
    before.threads === 1 && before.look > 0 && (pid + number) % rereadEvery !== 0 && stats.rested(pid)

  const read = (pid: number, before: Told | undefined, number: number): Told | null => {
    const length = stats.read(pid)
    const close = length > 0 ? ProcessStat.scan(stats.bytes, length) : -1
    if (close < 0) return null
    const now = signature(stats.bytes, close)
    const isSame = before?.signature === now && before.facts.startTicks === ProcessStat.field(22)
    const isFresh = isSame && (pid + number) % refreshEvery !== 0
    return told(stats.bytes, close, now, isFresh ? before.facts : factsOf(pid, close, isSame ? before.facts : null))
  }

  /** The very same object where they are the same as before. */
  const factsOf = (pid: number, close: number, before: ProcessFacts | null): ProcessFacts => {
    const anew = facts.read(pid, stats.bytes, close)
    return before !== null && Facts.areSame(before, anew) ? before : anew
  }

  const see = (pid: number, look: Look): void => {
    const before = known.get(pid)
    const now = before !== undefined && rests(pid, before, look.number) ? before : read(pid, before, look.number)
    if (now === null) return
    look.there++
    const isDue = look.whole || before === undefined || before.owed || before.facts !== now.facts
    const isTold = isDue && look.facts.length < factsMost
    // A stranger whose facts have to wait is one of the next look's.
    if (isDue && !isTold && before?.facts.startTicks !== now.facts.startTicks) return
    now.owed = isDue && !isTold
    now.look = look.number
    known.set(pid, now)
    if (isTold) look.facts.push(now.facts)
    if (isDue || differs(before, now)) look.changed.push(rowOf(pid, now, pageBytes))
  }

  const sweep = (number: number): ReadonlyArray<number> => {
    const ended = new Set<number>()
    for (const [pid, one] of known) {
      if (one.look === number) continue
      known.delete(pid)
      ended.add(pid)
    }
    // Their children have another parent now, without having run.
    if (ended.size > 0) for (const one of known.values()) if (ended.has(one.facts.parentPid)) one.look = 0
    stats.sweep()
    return Array.from(ended)
  }

  return {
    name: "host-processes",
    count: () => count,
    intervalMillis: options.intervalMillis,
    collect: Effect.gen(function* () {
      const pids = yield* Effect.try({ try: files.pids, catch: failed })
      const whole = number++ % every === 0
      const look: Look = { number, whole, there: 0, facts: [], changed: [] }
      if (pids.length > manyPids) yield* breathe
      let began = performance.now()
      for (let index = 0; index < pids.length; index++) {
        see(pids[index] ?? 0, look)
        if (index % turnCheckedEvery > 0 || performance.now() - began < turnMillis) continue
        yield* breathe
        began = performance.now()
      }
      const ended = sweep(look.number)
      count = look.there
      return Option.some({
        _tag: "ProcessesSampled" as const,
        look: look.number,
        whole,
        total: look.there,
        bootSeconds: facts.bootSeconds(whole),
        facts: look.facts,
        changed: look.changed,
        ended,
      })
    }),
  }
}

const told = (bytes: Buffer, close: number, signature: number, facts: ProcessFacts): Told => ({
  facts,
  signature,
  state: bytes[close + 2] ?? 0,
  cpuTicks: ProcessStat.field(14) + ProcessStat.field(15),
  pages: ProcessStat.field(24),
  threads: ProcessStat.field(20),
  look: 0,
  owed: false,
})

/** A program that replaced another under the same pid has another name, an orphan another parent. */
const signature = (bytes: Buffer, close: number): number => {
  let hash = (ProcessStat.field(4) * 31 + ProcessStat.field(5)) * 31 + ProcessStat.field(19)
  for (let at = close - 1; at > 0 && at > close - 17; at--) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0
  return hash
}

const differs = (before: Told | undefined, now: Told): boolean =>
  before === undefined ||
  before.cpuTicks !== now.cpuTicks ||
  before.pages !== now.pages ||
  before.state !== now.state ||
  before.threads !== now.threads

const rowOf = (pid: number, now: Told, pageBytes: number): CounterRow => [
  pid,
  String.fromCharCode(now.state),
  now.cpuTicks,
  now.pages * pageBytes,
  now.threads,
]
