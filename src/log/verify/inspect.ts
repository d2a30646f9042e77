// Checks every entry of an opened store: blocks whole, chained and dense, receipts and tombstone fitting, nothing lost at the end.

import { Effect, Option } from "effect"
import type { Lane } from "../../domain/Event.ts"
import type { Gap } from "../core/Ledger.ts"
import * as Lineage from "../core/Lineage.ts"
import type { BlockStore, StoreError } from "../store/BlockStore.ts"
import { decodePosition, family, familyRange, laneFamily, positionOfKey, receiptKey } from "../store/keys.ts"
import { openValue } from "../store/sealed.ts"
import type * as Tombstone from "../store/tombstone.ts"
import { LaneCheck } from "./LaneCheck.ts"
import { scanAll } from "./scanAll.ts"
import type { Finding, Inspection } from "./Verification.ts"

/** What is whole in one lane, in order of position. */
export interface LaneInspection {
  readonly ranges: ReadonlyArray<Gap>
  readonly aged: Tombstone.Tombstone | null
  readonly findings: ReadonlyArray<Finding>
  readonly commands: ReadonlyMap<string, Gap>
  readonly blocks: number
  readonly events: number
}

/** An inspection with what a repair needs to know beside it. */
export interface FullInspection {
  readonly inspection: Inspection
  readonly lineage: Lineage.Lineage | null
  readonly lanes: ReadonlyArray<LaneInspection>
  /** The last position that was ever known to be there. */
  readonly end: number
}

type OnBlocks = (blocks: number) => Effect.Effect<void>

export const inspect = (
  store: BlockStore,
  onBlocks: OnBlocks = () => Effect.void,
): Effect.Effect<Inspection, StoreError> => Effect.map(inspectAll(store, onBlocks), ({ inspection }) => inspection)

export const inspectAll = (
  store: BlockStore,
  onBlocks: OnBlocks = () => Effect.void,
): Effect.Effect<FullInspection, StoreError> =>
  Effect.gen(function* () {
    const lineage = Option.getOrNull(yield* readLineage(store))
    const gaps = yield* readGaps(store)
    const action = yield* inspectLane(store, "action", lineage, gaps.whole, onBlocks)
    const telemetry = yield* inspectLane(store, "telemetry", lineage, gaps.whole, onBlocks)
    const head = Math.max(0, ...[action, telemetry].flatMap(({ ranges }) => ranges.map(({ last }) => last)))
    const acknowledged = yield* store.acknowledged
    const known = Math.max(head, gaps.whole.at(-1)?.last ?? 0)
    const end = Math.max(known, acknowledged ?? 0)
    const missing = missingRanges(action, telemetry, gaps.whole, end)
    const receipts = yield* checkReceipts(store, [action, telemetry])
    const derived = yield* checkDerived(store)
    const aged = telemetry.aged
    const damage = [
      ...(lineage === null ? [{ from: null, to: null, reason: "the log's own id cannot be read" }] : []),
      ...(acknowledged === null
        ? [{ from: null, to: null, reason: "the file of the last acknowledged position is damaged or missing" }]
        : []),
      ...gaps.findings,
      ...merged(missing, [...action.findings, ...telemetry.findings]),
      ...countAged(action, telemetry, gaps.whole),
      ...receipts,
      ...derived.damage,
    ]
    const inspection: Inspection = {
      logId: lineage === null ? null : Lineage.currentId(lineage),
      head: known,
      events: action.events + telemetry.events,
      blocks: action.blocks + telemetry.blocks,
      aged: aged === null ? null : { first: aged.first, last: aged.last, events: aged.events, rollups: aged.rollups },
      gaps: gaps.whole,
      damage,
      notes: [...derived.notes, ...pastLosses(lineage)],
    }
    return { inspection, lineage, lanes: [action, telemetry], end }
  })

const inspectLane = (
  store: BlockStore,
  lane: Lane,
  lineage: Lineage.Lineage | null,
  gaps: ReadonlyArray<Gap>,
  onBlocks: (blocks: number) => Effect.Effect<void>,
): Effect.Effect<LaneInspection, StoreError> =>
  Effect.gen(function* () {
    const check = new LaneCheck(lane, lineage, gaps)
    yield* scanAll(store, familyRange(laneFamily(lane)), (entries) => {
      for (const entry of entries) check.take(entry)
      return onBlocks(entries.length)
    })
    return check.result()
  })

/** Positions that neither lane has and nothing accounts for, each with the best reason that is known. */
const missingRanges = (
  action: LaneInspection,
  telemetry: LaneInspection,
  gaps: ReadonlyArray<Gap>,
  end: number,
): ReadonlyArray<Gap> => {
  const aged = telemetry.aged === null ? [] : [{ first: telemetry.aged.first, last: telemetry.aged.last }]
  const there = [...action.ranges, ...telemetry.ranges, ...gaps, ...aged].sort((one, other) => one.first - other.first)
  const missing: Array<Gap> = []
  let next = 1
  for (const { first, last } of there) {
    if (first > next) missing.push({ first: next, last: first - 1 })
    next = Math.max(next, last + 1)
  }
  if (next <= end) missing.push({ first: next, last: end })
  return missing
}

/** A broken block leaves a hole; its reason becomes the hole's, whose range is exact because positions are dense. */
const merged = (missing: ReadonlyArray<Gap>, findings: ReadonlyArray<Finding>): ReadonlyArray<Finding> => {
  const within = (hole: Gap, { from }: Finding) => from !== null && from >= hole.first && from <= hole.last
  const holes = missing.map((hole) => ({
    from: hole.first,
    to: hole.last,
    reason: findings.find((finding) => within(hole, finding))?.reason ?? "events are missing",
  }))
  return [...holes, ...findings.filter((finding) => !missing.some((hole) => within(hole, finding)))]
}

/** Under the tombstone the actions that are there and the events that went must add up. */
const countAged = (
  action: LaneInspection,
  { aged }: LaneInspection,
  gaps: ReadonlyArray<Gap>,
): ReadonlyArray<Finding> => {
  if (aged === null || gaps.some(({ first, last }) => last >= aged.first && first <= aged.last)) return []
  const present = action.ranges.reduce(
    (sum, { first, last }) => sum + Math.max(0, Math.min(last, aged.last) - Math.max(first, aged.first) + 1),
    0,
  )
  const span = aged.last - aged.first + 1
  if (present + aged.events === span) return []
  const lost = span - present - aged.events
  return [{ from: aged.first, to: aged.last, reason: `${lost} actions among aged telemetry are missing` }]
}

const checkReceipts = (
  store: BlockStore,
  lanes: ReadonlyArray<LaneInspection>,
): Effect.Effect<ReadonlyArray<Finding>, StoreError> =>
  Effect.gen(function* () {
    const findings: Array<Finding> = []
    for (const { commands } of lanes) {
      for (const [command, { first, last }] of commands) {
        const key = receiptKey(command)
        const value = yield* store.get(key).pipe(Effect.orElseSucceed(() => undefined))
        const content = value === undefined ? null : openValue(key, value)
        const fits = content !== null && decodePosition(content, 0) <= first && decodePosition(content, 1) >= last
        if (!fits) findings.push({ from: first, to: last, reason: "the receipt of the command is missing or damaged" })
      }
    }
    return findings
  })

/** What can be made again from the blocks is checked entry by entry. */
const checkDerived = (store: BlockStore) =>
  Effect.gen(function* () {
    const damage: Array<Finding> = []
    const notes: Array<Finding> = []
    const nowhere = { from: null, to: null }
    const each = (letter: number, found: Array<Finding>, reason: string) =>
      scanAll(store, { from: Uint8Array.of(letter), until: Uint8Array.of(letter + 1) }, (entries) => {
        for (const entry of entries) if (openValue(...entry) === null) found.push({ ...nowhere, reason })
        return Effect.void
      }).pipe(Effect.tap((unread) => unread > 0 && found.push({ ...nowhere, reason })))
    yield* each(family.time, damage, "an entry of the time index is damaged")
    yield* each(family.receipt, damage, "a receipt is damaged")
    yield* each(family.rollup, damage, "a rollup is damaged")
    yield* each(family.checkpoint, notes, "a checkpoint is damaged; it will be folded again")
    return { damage, notes }
  })

const readGaps = (store: BlockStore) =>
  Effect.gen(function* () {
    const whole: Array<Gap> = []
    const findings: Array<Finding> = []
    yield* scanAll(store, familyRange(family.gap), (entries) => {
      for (const [key, value] of entries) {
        const content = openValue(key, value)
        if (content === null)
          findings.push({ from: null, to: null, reason: "the record of an earlier loss is damaged" })
        else whole.push({ first: positionOfKey(key), last: decodePosition(content) })
      }
      return Effect.void
    })
    return { whole, findings }
  })

const readLineage = (store: BlockStore) =>
  Effect.map(
    Effect.orElseSucceed(store.get(Lineage.keyOf), () => undefined),
    (value) => (value === undefined ? Option.none() : Lineage.parse(value)),
  )

const pastLosses = (lineage: Lineage.Lineage | null): ReadonlyArray<Finding> =>
  (lineage ?? []).flatMap(({ from, cause }) =>
    cause === "created" ? [] : [{ from, to: null, reason: `a new log id from here: ${cause}` }],
  )
