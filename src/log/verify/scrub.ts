// Checks a log while it is in use, a little at a time: checksums, density, and the chain of each lane.

import { Effect, Option, Stream } from "effect"
import { Position } from "../../domain/Brands.ts"
import * as BlockScan from "../core/BlockScan.ts"
import type { StoredBlock } from "../core/BlockScan.ts"
import { accountsFor, type Damage, type Ledger } from "../core/Ledger.ts"
import type { LogCore } from "../core/LogCore.ts"
import { bothLanes } from "../core/Reading.ts"
import { damageOf, Walk } from "../core/Walk.ts"
import type { LogUnavailable } from "../EventLog.ts"
import type { BlockStore } from "../store/BlockStore.ts"
import { Links } from "./Links.ts"

/** What one step of a pass has come to. */
export interface Scrubbed {
  readonly through: Position
  readonly damage: Damage | null
}

/** One pass from the beginning to the end that the log has by then; a step is one read of some hundred KiB. */
export const scrub = (log: LogCore): Stream.Stream<Scrubbed, LogUnavailable> =>
  Stream.suspend(() => {
    const links = new Links()
    return Stream.unfoldEffect(1, (from) =>
      Effect.gen(function* () {
        const store = yield* log.store
        const { ledger } = log.core
        if (from > ledger.tail.head) return Option.none()
        const checked = yield* check(store, ledger, links, from)
        // A store that was closed beneath the read says nothing about what is stored.
        if (checked.damage !== null && log.core.store !== store) return Option.some([stillAt(from), from] as const)
        const through = Position(checked.next - 1)
        return Option.some([{ through, damage: checked.damage }, checked.next] as const)
      }),
    )
  })

const stillAt = (from: number): Scrubbed => ({ through: Position(from - 1), damage: null })

interface Checked {
  /** Where the next step begins: always at a block. */
  readonly next: number
  readonly damage: Damage | null
}

const check = (store: BlockStore, ledger: Ledger, links: Links, from: number): Effect.Effect<Checked> => {
  const to = ledger.tail.head
  return Effect.scoped(
    Effect.gen(function* () {
      const scan = yield* BlockScan.open(store, from, to, bothLanes)
      return checkBlocks(yield* scan.next, ledger, links, from)
    }),
  ).pipe(Effect.catchAll(({ reason }) => Effect.succeed({ next: to + 1, damage: damageOf(from, to, reason) })))
}

const checkBlocks = (blocks: ReadonlyArray<StoredBlock>, ledger: Ledger, links: Links, from: number): Checked => {
  const to = ledger.tail.head
  const walk = new Walk(from, bothLanes, (first, last) => accountsFor(ledger, first, last))
  if (blocks.length === 0) return { next: to + 1, damage: walk.end(to) }
  for (const [index, block] of blocks.entries()) {
    // The last blocks of the step before.
    if (block.first < from) continue
    const step = walk.step(block)
    if (step._tag === "Missing") return behind(step.damage)
    if (step._tag === "Broken") {
      const after = blocks[index + 1]
      // How far it reached shows in the block after it, which the next step has at hand.
      if (after === undefined && block.first > from) return { next: block.first, damage: null }
      const last = after === undefined ? to : Math.max(block.first, after.first - 1)
      return behind(damageOf(block.first, last, step.reason))
    }
    if (step._tag === "Block" && !links.holds(step.header, block.bytes, ledger.gaps)) {
      return behind(damageOf(block.first, walk.expected - 1, "the chain of blocks is broken here"))
    }
  }
  const last = blocks.at(-1)?.first ?? from
  return { next: Math.max(from + 1, walk.expected, last + 1), damage: null }
}

const behind = (damage: Damage): Checked => ({ next: damage.to + 1, damage })
