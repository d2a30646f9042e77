// Saves what is whole of a damaged log into a new one with a new id; what could not be saved is on record there as a gap.

import { Effect } from "effect"
import { isProblem, open } from "../block/BlockHeader.ts"
import type { Gap } from "../core/Ledger.ts"
import { empty, indexTime } from "../core/Tail.ts"
import { LogUnopenable } from "../EventLog.ts"
import type { Entry } from "../store/BlockStore.ts"
import { encodePositions, family, gapKey, positionOfKey, receiptKey } from "../store/keys.ts"
import { sealValue } from "../store/sealed.ts"
import { type Copied, copyLog, wholeEnd } from "./copyLog.ts"
import { inspectAll } from "./inspect.ts"
import * as Scratch from "./Scratch.ts"
import type { Finding } from "./Verification.ts"
import { openScratch } from "./verifyDirectory.ts"

export interface Repair extends Copied {
  readonly source: string
  readonly target: string
  /** Positions that are in the copy no more. */
  readonly lost: ReadonlyArray<Gap>
  readonly damage: ReadonlyArray<Finding>
}

/** The original is not changed; the target must not exist, or be empty. */
export const repairCopy = (source: string, target: string): Effect.Effect<Repair, LogUnopenable> =>
  Effect.scoped(
    Effect.gen(function* () {
      const path = yield* Scratch.locate(source)
      yield* Scratch.refuseHeld(path)
      const { store, findings } = yield* openScratch(path)
      const { inspection, lineage, lanes, end } = yield* inspectAll(store)
      const bad = (position: number) =>
        lanes.some(({ findings }) =>
          findings.some(({ from, to }) => from !== null && position >= from && position <= (to ?? from)),
        )
      const saved = new Saved(bad)
      const copied = yield* copyLog(store, {
        target,
        cause: "repair",
        lineage,
        keep: (entry) => saved.keep(entry),
        added: () =>
          saved.added(
            inspection.gaps,
            end,
            lanes.flatMap(({ commands }) => Array.from(commands)),
          ),
      })
      return {
        ...copied,
        head: Math.max(copied.head, end),
        source: path,
        target,
        lost: saved.lost,
        damage: [...findings, ...inspection.damage],
      }
    }),
  ).pipe(
    Effect.catchTag("StoreError", (error) =>
      Effect.fail(new LogUnopenable({ reason: error.reason, advice: "restore a backup" })),
    ),
  )

/** What is kept, and what is made anew from it: gaps, receipts and the time index. */
class Saved {
  readonly #bad: (position: number) => boolean
  readonly #ranges: Array<Gap> = []
  readonly #times: Array<{ readonly first: number; readonly minAt: number; readonly maxAt: number }> = []
  lost: ReadonlyArray<Gap> = []

  constructor(bad: (position: number) => boolean) {
    this.#bad = bad
  }

  keep(entry: Entry): boolean {
    const [key, bytes] = entry
    switch (key[0]) {
      case family.action:
      case family.telemetry:
        return this.#keepBlock(key[0] === family.action ? "action" : "telemetry", [key, bytes])
      case family.receipt:
      case family.rollup:
      case family.gap:
        return true
      default:
        // The time index is made anew, and checkpoints may know events that the copy has not.
        return false
    }
  }

  #keepBlock(lane: "action" | "telemetry", entry: Entry): boolean {
    const header = open(entry[1])
    const last = wholeEnd(lane, entry)
    if (isProblem(header) || last === null || this.#bad(positionOfKey(entry[0]))) return false
    this.#ranges.push({ first: header.first, last })
    if (header.form === "block") this.#times.push({ first: header.first, minAt: header.minAt, maxAt: header.maxAt })
    return true
  }

  added(gaps: ReadonlyArray<Gap>, end: number, commands: ReadonlyArray<readonly [string, Gap]>): ReadonlyArray<Entry> {
    const there = [...this.#ranges, ...gaps].sort((one, other) => one.first - other.first)
    const lost: Array<Gap> = []
    let next = 1
    for (const { first, last } of there) {
      if (first > next) lost.push({ first: next, last: first - 1 })
      next = Math.max(next, last + 1)
    }
    if (next <= end) lost.push({ first: next, last: end })
    this.lost = lost
    return [
      ...lost.map(({ first, last }) => sealed(gapKey(first), last)),
      ...commands.map(([command, { first, last }]) => sealed(receiptKey(command), first, last)),
      ...this.#timeEntries(),
    ]
  }

  #timeEntries(): ReadonlyArray<Entry> {
    const entries: Array<Entry> = []
    let time = empty.time
    for (const { first, minAt, maxAt } of this.#times.sort((one, other) => one.first - other.first)) {
      const indexed = indexTime(time, first, minAt, maxAt)
      time = indexed.time
      if (indexed.entry !== null) entries.push(indexed.entry)
    }
    return entries
  }
}

const sealed = (key: Uint8Array, ...positions: ReadonlyArray<number>): Entry => [
  key,
  sealValue(key, encodePositions(...positions)),
]
