// The chain of each lane, followed over any number of reads: every block names the one before it by its hash.

import type { Lane } from "../../domain/Event.ts"
import { type BlockHeader, hashOf } from "../block/BlockHeader.ts"
import type { Gap } from "../core/Ledger.ts"

interface Link {
  readonly ordinal: number
  readonly hash: Uint8Array
  /** Its last position. */
  readonly last: number
}

export class Links {
  readonly #before = new Map<Lane, Link>()

  /** False when the block names another one than came before it in its lane; its successor is held to it all the same. */
  holds(header: BlockHeader, bytes: Uint8Array, gaps: ReadonlyArray<Gap>): boolean {
    const { lane, ordinal, first, count, previous } = header
    const before = this.#before.get(lane)
    this.#before.set(lane, { ordinal, hash: hashOf(bytes), last: first + count - 1 })
    if (before === undefined || before.ordinal + 1 !== ordinal) return true
    // Behind what a repair could not save the chain begins anew.
    if (gaps.some((gap) => gap.first > before.last && gap.last < first)) return true
    return Buffer.compare(before.hash, previous) === 0
  }
}
