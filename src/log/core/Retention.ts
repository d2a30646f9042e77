// Telemetry ages by whole blocks, oldest first: tombstone and deletion are one atomic write.

import { Effect } from "effect"
import { Position } from "../../domain/Brands.ts"
import { type BlockHeader, hashOf, isProblem, open } from "../block/BlockHeader.ts"
import { LogDamaged } from "../EventLog.ts"
import type { Aged, RetentionPolicy } from "../LogUpkeep.ts"
import type { BlockStore, Entry, StoreError, StoreWrite } from "../store/BlockStore.ts"
import { blockKey, family, familyRange, positionOfKey } from "../store/keys.ts"
import * as Tombstone from "../store/tombstone.ts"
import type { LogCore } from "./LogCore.ts"
import * as TimeThinning from "./TimeThinning.ts"

/** One atomic write takes so much at most, so that appending is not held up. */
const STEP_BYTES = 4 * 1024 * 1024
const STEP_BLOCKS = 256

export const retain = (log: LogCore, policy: RetentionPolicy) =>
  Effect.gen(function* () {
    let blocks = 0
    let events = 0
    while (true) {
      const store = yield* log.store
      const step = yield* nextStep(store, policy).pipe(Effect.catchTag("StoreError", (error) => log.unavailable(error)))
      if (step === null || step.blocks.length === 0) break
      yield* takeAway(log, store, step, policy)
      blocks += step.blocks.length
      events += step.blocks.reduce((sum, { header }) => sum + header.count, 0)
    }
    const rawFrom = Position((log.core.ledger.aged?.last ?? 0) + 1)
    const aged: Aged = { blocks, events, rawFrom }
    return aged
  })

interface AgingBlock {
  readonly header: BlockHeader
  readonly bytes: Uint8Array
}

interface Step {
  readonly stone: Tombstone.Tombstone | null
  readonly blocks: ReadonlyArray<AgingBlock>
}

/** The next blocks that must go, behind the tombstone if there is one. */
const nextStep = (store: BlockStore, policy: RetentionPolicy): Effect.Effect<Step | null, StoreError | LogDamaged> =>
  Effect.scoped(
    Effect.gen(function* () {
      const range = familyRange(family.telemetry)
      const cursor = yield* store.scan(range)
      const pages = [yield* cursor.next(1), yield* cursor.next(STEP_BYTES)].flat()
      const first = pages[0]
      if (first === undefined) return null
      const stone = yield* stoneOf(first)
      const blocks: Array<AgingBlock> = []
      let bytes = 0
      for (const [key, value] of stone === null ? pages : pages.slice(1)) {
        const header = open(value)
        // What is damaged stays where it is: it is evidence, and a tombstone would hide it.
        if (isProblem(header)) {
          if (blocks.length > 0) break
          const at = Position(positionOfKey(key))
          return yield* new LogDamaged({ from: at, to: at, reason: header.problem })
        }
        const tooOld = header.maxAt < policy.beforeMicros
        const tooMuch = !tooOld && (yield* store.bytesIn({ from: key, until: range.until })) > policy.maxBytes
        const isHeld = header.first + header.count - 1 > (policy.upTo ?? Number.POSITIVE_INFINITY)
        if ((!tooOld && !tooMuch) || isHeld) break
        blocks.push({ header, bytes: value })
        bytes += value.length
        if (bytes >= STEP_BYTES || blocks.length >= STEP_BLOCKS) break
      }
      return { stone, blocks }
    }),
  )

const stoneOf = ([key, bytes]: Entry): Effect.Effect<Tombstone.Tombstone | null, LogDamaged> => {
  const header = open(bytes)
  const at = Position(positionOfKey(key))
  if (isProblem(header)) return new LogDamaged({ from: at, to: at, reason: header.problem })
  return Effect.succeed(header.form === "tombstone" ? Tombstone.decode(header, bytes) : null)
}

const takeAway = (log: LogCore, store: BlockStore, { stone, blocks }: Step, policy: RetentionPolicy) =>
  Effect.gen(function* () {
    const { core } = log
    const grown = { ...grow(stone, blocks), rollups: policy.rollups ?? stone?.rollups ?? "" }
    const thinned = yield* TimeThinning.entriesToDrop(
      store,
      core.ledger,
      blocks[0]?.header.minAt ?? 0,
      grown.last,
    ).pipe(Effect.catchTag("StoreError", (error) => log.unavailable(error)))
    const write: StoreWrite = {
      puts: [[blockKey("telemetry", grown.first), Tombstone.encode(grown)]],
      deletes: [
        ...blocks
          .filter(({ header }) => header.first !== grown.first)
          .map(({ header }) => blockKey("telemetry", header.first)),
        ...thinned,
      ],
    }
    // Known before it is true: whoever reads meanwhile must not take the gap for damage.
    core.ledger = { ...core.ledger, aged: { first: grown.first, last: grown.last } }
    yield* log.write(write)
  })

const grow = (
  stone: Tombstone.Tombstone | null,
  blocks: ReadonlyArray<AgingBlock>,
): Omit<Tombstone.Tombstone, "rollups"> => {
  const first = blocks[0] as AgingBlock
  const last = blocks.at(-1) as AgingBlock
  const events = blocks.reduce((sum, { header }) => sum + header.count, 0)
  const minAt = Math.min(...blocks.map(({ header }) => header.minAt))
  const maxAt = Math.max(...blocks.map(({ header }) => header.maxAt))
  return {
    logId: last.header.logId,
    first: stone?.first ?? first.header.first,
    last: last.header.first + last.header.count - 1,
    firstOrdinal: stone?.firstOrdinal ?? first.header.ordinal,
    lastOrdinal: last.header.ordinal,
    events: events + (stone?.events ?? 0),
    minAt: Math.min(minAt, stone?.minAt ?? minAt),
    maxAt: Math.max(maxAt, stone?.maxAt ?? maxAt),
    before: stone?.before ?? first.header.previous,
    after: hashOf(last.bytes),
  }
}
