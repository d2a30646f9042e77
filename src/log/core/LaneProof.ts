// The end of one lane, walked backwards: each block must be whole and be the one that its successor names.

import { Effect } from "effect"
import type { Lane } from "../../domain/Event.ts"
import { type BlockHeader, hashOf, isProblem, open } from "../block/BlockHeader.ts"
import type { BlockStore, Entry, StoreError } from "../store/BlockStore.ts"
import { familyRange, laneFamily, positionOfKey } from "../store/keys.ts"
import * as Tombstone from "../store/tombstone.ts"
import type { Damage, Gap } from "./Ledger.ts"
import { empty, type LaneTail } from "./Tail.ts"
import { damageOf } from "./Walk.ts"

export interface LaneProof {
  readonly tail: LaneTail
  readonly head: number
  readonly lastHeader: BlockHeader | null
  readonly aged: Gap | null
  /** Proven blocks, last first. */
  readonly ranges: ReadonlyArray<Gap>
  /** True when the lane was proven to its very beginning. */
  readonly complete: boolean
  readonly damage: Damage | null
}

export const proveLane = (
  store: BlockStore,
  lane: Lane,
  tailBytes: number,
  gaps: ReadonlyArray<Gap>,
  aged: Gap | null,
): Effect.Effect<LaneProof, StoreError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const cursor = yield* store.scan({ ...familyRange(laneFamily(lane)), reverse: true })
      const proof = new LaneProver(lane, gaps)
      let left = tailBytes
      while (left > 0 && !proof.done) {
        const page = yield* cursor.next(Math.min(left, 1024 * 1024))
        if (page.length === 0) proof.end()
        for (const entry of page) {
          left -= entry[1].length
          proof.take(entry)
        }
      }
      return proof.result(aged)
    }),
  )

class LaneProver {
  readonly #lane: Lane
  readonly #gaps: ReadonlyArray<Gap>
  #last: { readonly header: BlockHeader; readonly tail: LaneTail; readonly head: number } | null = null
  #named: Uint8Array | null = null
  readonly #ranges: Array<Gap> = []
  #damage: Damage | null = null
  done = false
  #complete = false

  constructor(lane: Lane, gaps: ReadonlyArray<Gap>) {
    this.#lane = lane
    this.#gaps = gaps
  }

  end(): void {
    this.done = true
    this.#complete = true
  }

  take([key, bytes]: Entry): void {
    if (this.done) return
    const position = positionOfKey(key)
    const header = open(bytes)
    if (isProblem(header)) return this.#fail(position, header.problem)
    if (header.first !== position || header.lane !== this.#lane) {
      return this.#fail(position, "a block lies under another block's key")
    }
    const end = endOf(header, bytes)
    if (this.#named !== null && Buffer.compare(this.#named, end.hash) !== 0 && !this.#behindGap(end.position)) {
      return this.#fail(position, "the chain of blocks is broken")
    }
    this.#last ??= { header, tail: { ordinal: end.ordinal, hash: end.hash }, head: end.position }
    this.#named = header.previous
    this.#ranges.push({ first: header.first, last: end.position })
    if (header.form === "tombstone") this.end()
  }

  /** The chain begins anew behind what a repair could not save. */
  #behindGap(position: number): boolean {
    const after = this.#ranges.at(-1)?.first ?? position
    return this.#gaps.some(({ first, last }) => first > position && last < after)
  }

  #fail(position: number, reason: string): void {
    const to = this.#ranges.at(-1)?.first ?? position + 1
    this.#damage = damageOf(position, Math.max(position, to - 1), reason)
    this.done = true
  }

  result(aged: Gap | null): LaneProof {
    return {
      tail: this.#last?.tail ?? empty.lanes[this.#lane],
      head: this.#last?.head ?? 0,
      lastHeader: this.#last?.header ?? null,
      aged,
      ranges: this.#ranges,
      complete: this.#complete,
      damage: this.#damage,
    }
  }
}

const endOf = (header: BlockHeader, bytes: Uint8Array): LaneTail & { readonly position: number } => {
  if (header.form === "block") {
    return { ordinal: header.ordinal, hash: hashOf(bytes), position: header.first + header.count - 1 }
  }
  const stone = Tombstone.decode(header, bytes)
  return { ordinal: stone.lastOrdinal, hash: stone.after, position: stone.last }
}
