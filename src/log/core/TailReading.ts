// Finds the end of a log that is being opened, and proves it: checksums, chain and density of the last megabytes.

import { Effect, Option } from "effect"
import { isProblem, open } from "../block/BlockHeader.ts"
import { type BlockStore, type Cursor, type Entry, StoreError } from "../store/BlockStore.ts"
import { decodePosition, family, familyRange, positionOfKey, timeKey, timeOfKey } from "../store/keys.ts"
import { openValue } from "../store/sealed.ts"
import * as Tombstone from "../store/tombstone.ts"
import { type Damage, type Gap, type Ledger } from "./Ledger.ts"
import * as Lineage from "./Lineage.ts"
import { type LaneProof, proveLane } from "./LaneProof.ts"
import { empty, type Tail, type TimeSegment } from "./Tail.ts"
import { damageOf } from "./Walk.ts"

export interface OpenedTail {
  readonly ledger: Ledger
  /** Acknowledged positions that the store no longer has. */
  readonly lost: Gap | null
  readonly damage: Damage | null
}

export const readTail = Effect.fn("EventLog.readTail")(function* (store: BlockStore, tailBytes: number) {
  const lineage = yield* readLineage(store)
  const gaps = yield* readGaps(store)
  const action = yield* proveLane(store, "action", tailBytes, gaps, null)
  const telemetry = yield* proveLane(store, "telemetry", tailBytes, gaps, yield* agedOf(store))
  const segments = yield* readSegments(store)
  const newest = [action, telemetry].sort((one, other) => other.head - one.head)[0] ?? action
  const head = Math.max(newest.head, gaps.at(-1)?.last ?? 0)
  const time = yield* timeTail(store, segments, [action, telemetry])
  const tail: Tail = { head, lanes: { action: action.tail, telemetry: telemetry.tail }, time }
  const ledger: Ledger = { tail, lineage, segments, aged: telemetry.aged, gaps }
  const acknowledged = yield* store.acknowledged
  const lost = acknowledged !== null && acknowledged > head ? { first: head + 1, last: acknowledged } : null
  const damage = action.damage ?? telemetry.damage ?? density(action, telemetry, ledger)
  const opened: OpenedTail = { ledger, lost, damage }
  return opened
})

/** The one tombstone lies at the lane's beginning. */
const agedOf = (store: BlockStore): Effect.Effect<Gap | null, StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const cursor = yield* store.scan(familyRange(family.telemetry))
      const entry = (yield* cursor.next(1))[0]
      const header = entry === undefined ? null : open(entry[1])
      if (entry === undefined || header === null || isProblem(header) || header.form !== "tombstone") return null
      return { first: header.first, last: Tombstone.decode(header, entry[1]).last }
    }),
  )

/** Both lanes together leave no position out, as far back as both were proven. */
const density = (action: LaneProof, telemetry: LaneProof, ledger: Ledger): Damage | null => {
  const from = Math.max(provenFrom(action), provenFrom(telemetry))
  const ranges = [...action.ranges, ...telemetry.ranges, ...ledger.gaps].sort((one, other) => other.first - one.first)
  let next = ledger.tail.head
  for (const { first, last } of ranges) {
    if (last < from || next < from) break
    const aged = ledger.aged !== null && next <= ledger.aged.last
    if (last < next && !aged) return damageOf(last + 1, next, "events are missing")
    next = Math.min(next, first - 1)
  }
  const aged = ledger.aged !== null && next <= ledger.aged.last
  return next >= from && !aged ? damageOf(from, next, "events are missing") : null
}

const provenFrom = (lane: LaneProof): number => (lane.complete ? 1 : (lane.ranges.at(-1)?.first ?? 1))

const readLineage = (store: BlockStore) =>
  Effect.gen(function* () {
    const value = yield* store.get(Lineage.keyOf)
    const lineage = value === undefined ? Option.none() : Lineage.parse(value)
    return yield* Option.match(lineage, {
      onNone: () => Effect.fail(new StoreError({ operation: "open", reason: "the log's own id cannot be read" })),
      onSome: Effect.succeed,
    })
  })

const readGaps = (store: BlockStore): Effect.Effect<ReadonlyArray<Gap>, StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const cursor = yield* store.scan(familyRange(family.gap))
      const entries = yield* drain(cursor)
      return entries.flatMap(([key, value]) => {
        const content = openValue(key, value)
        return content === null ? [] : [{ first: positionOfKey(key), last: decodePosition(content) }]
      })
    }),
  )

const drain = (cursor: Cursor): Effect.Effect<ReadonlyArray<Entry>, StoreError> =>
  Effect.gen(function* () {
    const all: Array<Entry> = []
    while (true) {
      const page = yield* cursor.next(1024 * 1024)
      if (page.length === 0) return all
      all.push(...page)
    }
  })

/** Each segment's first entry; there are as many as the wall clock stepped back. */
const readSegments = (store: BlockStore): Effect.Effect<ReadonlyArray<TimeSegment>, StoreError> =>
  Effect.gen(function* () {
    const segments: Array<TimeSegment> = []
    const { until } = familyRange(family.time)
    while (true) {
      const from = timeKey(segments.length, 0)
      const entry = yield* Effect.scoped(
        Effect.flatMap(store.scan({ from, until }), (cursor) => Effect.map(cursor.next(1), (page) => page[0])),
      )
      if (entry === undefined) return segments
      const content = openValue(...entry)
      if (content === null)
        return yield* Effect.fail(new StoreError({ operation: "open", reason: "the time index is damaged" }))
      segments.push({ startAt: timeOfKey(entry[0]).at, startPosition: decodePosition(content) })
    }
  })

const timeTail = (store: BlockStore, segments: ReadonlyArray<TimeSegment>, lanes: ReadonlyArray<LaneProof>) =>
  Effect.gen(function* () {
    const segment = segments.at(-1)
    if (segment === undefined) return empty.time
    const { until } = familyRange(family.time)
    const entry = yield* Effect.scoped(
      Effect.flatMap(store.scan({ from: timeKey(segments.length - 1, 0), until, reverse: true }), (cursor) =>
        Effect.map(cursor.next(1), (page) => page[0]),
      ),
    )
    const content = entry === undefined ? null : openValue(...entry)
    if (entry === undefined || content === null) {
      return yield* Effect.fail(new StoreError({ operation: "open", reason: "the time index is damaged" }))
    }
    const entryAt = timeOfKey(entry[0]).at
    const latest = lanes.flatMap(({ lastHeader }) =>
      lastHeader !== null && lastHeader.first >= segment.startPosition ? [lastHeader.maxAt] : [],
    )
    return {
      segment: segments.length - 1,
      lastAt: Math.max(entryAt, ...latest),
      entryAt,
      entryPosition: decodePosition(content),
    }
  })
