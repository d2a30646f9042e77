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
/** Processes looked at before the event loop gets its turn: about a millisecond's worth. */
const turn = 128
/** Of these the turn is shorter: reading who a process is takes three files more. */
const factsTurn = 24
/** An event has a bounded weight. Of more processes than these the rest is told by the next looks. */
const factsMost = 1500

/** What the last look told of a process. */
interface Told {
  startTicks: number
  /** Of the name and what else the facts have from the stat line. */
  signature: number
  state: number
  cpuTicks: number
  pages: number
  threads: number
  look: number
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

  const see = (pid: number, look: Look): void => {
    const length = stats.read(pid)
    const close = length > 0 ? ProcessStat.scan(stats.bytes, length) : -1
    if (close < 0) return
    look.there++
    const before = known.get(pid)
    const now = told(stats.bytes, close, look.number)
    const same = before !== undefined && before.startTicks === now.startTicks
    const factsDue = look.whole || !same || before.signature !== now.signature
    if (factsDue && look.facts.length < factsMost) look.facts.push(facts.read(pid, stats.bytes, close))
    else if (!same) return
    // One whose facts had to wait keeps its old signature, and so is asked for them again.
    else if (factsDue) now.signature = Number.NaN
    known.set(pid, now)
    if (factsDue || look.whole || differs(before, now)) look.changed.push(rowOf(pid, now, pageBytes))
  }

  return {
    name: "host-processes",
    count: () => count,
    intervalMillis: options.intervalMillis,
    collect: Effect.gen(function* () {
      const pids = yield* Effect.try({ try: files.pids, catch: failed })
      const whole = number++ % every === 0
      const look: Look = { number, whole, there: 0, facts: [], changed: [] }
      const step = whole ? factsTurn : turn
      for (let from = 0; from < pids.length; from += step) {
        if (from > 0) yield* breathe
        const end = Math.min(from + step, pids.length)
        for (let index = from; index < end; index++) see(pids[index] ?? 0, look)
      }
      const ended: Array<number> = []
      for (const [pid, one] of known) {
        if (one.look === look.number) continue
        known.delete(pid)
        ended.push(pid)
      }
      stats.sweep()
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

const told = (bytes: Buffer, close: number, look: number): Told => ({
  startTicks: ProcessStat.field(22),
  signature: signature(bytes, close),
  state: bytes[close + 2] ?? 0,
  cpuTicks: ProcessStat.field(14) + ProcessStat.field(15),
  pages: ProcessStat.field(24),
  threads: ProcessStat.field(20),
  look,
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
