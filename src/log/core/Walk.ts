// Checks blocks one after the other as they come from a scan: whole, dense, and each lane unbroken.

import type { Lane } from "../../domain/Event.ts"
import { type BlockHeader, isProblem, open } from "../block/BlockHeader.ts"
import * as Tombstone from "../store/tombstone.ts"
import type { StoredBlock } from "./BlockScan.ts"
import type { Damage } from "./Ledger.ts"
import { Position } from "../../domain/Brands.ts"

export type Step =
  | { readonly _tag: "Block"; readonly header: BlockHeader; readonly block: StoredBlock }
  | { readonly _tag: "Aged" }
  /** Events that should have come before this block are not there. */
  | { readonly _tag: "Missing"; readonly damage: Damage }
  /** This very block is not whole; how far it reached shows in the next one. */
  | { readonly _tag: "Broken"; readonly first: number; readonly reason: string }

/** Whether positions that are not there are known to be gone. */
export type Accounts = (from: number, to: number) => boolean

export class Walk {
  /** The next position that must come. */
  #expected: number
  /** The last position that came, before the range as well. */
  #seen = 0
  readonly #dense: boolean
  readonly #accounts: Accounts
  readonly #ordinals: Partial<Record<Lane, number>> = {}

  /** Density shows only where both lanes are read; in one lane alone the blocks' numbers must be dense. */
  constructor(from: number, lanes: ReadonlyArray<Lane>, accounts: Accounts) {
    this.#expected = from
    this.#dense = lanes.length === 2
    this.#accounts = accounts
  }

  get expected(): number {
    return this.#expected
  }

  step(block: StoredBlock): Step {
    const header = open(block.bytes)
    if (isProblem(header)) return broken(block, header.problem)
    if (header.first !== block.first || header.lane !== block.lane) {
      return broken(block, "a block lies under another block's key")
    }
    if (header.form === "tombstone") {
      this.#ordinals[block.lane] = Tombstone.decode(header, block.bytes).lastOrdinal
      return { _tag: "Aged" }
    }
    const gap = this.#gapBefore(header)
    if (gap !== null) return gap
    this.#ordinals[block.lane] = header.ordinal
    this.#seen = header.first + header.count - 1
    this.#expected = Math.max(this.#expected, this.#seen + 1)
    return { _tag: "Block", header, block }
  }

  /** Called when the scan is over: everything up to `to` must have come. */
  end(to: number): Damage | null {
    if (!this.#dense || this.#expected > to || this.#accounts(this.#expected, to)) return null
    return damageOf(this.#expected, to, "events are missing")
  }

  #gapBefore(header: BlockHeader): Step | null {
    const { first, lane, ordinal } = header
    const before = this.#ordinals[lane]
    const numbered = before === undefined || before + 1 === ordinal
    if (this.#dense) {
      const from = this.#expected
      if (first <= this.#seen)
        return broken({ first, lane, bytes: new Uint8Array(0) }, "a block holds positions of another")
      if (first > from && !this.#accounts(from, first - 1)) return missing(from, first - 1, "events are missing")
      return null
    }
    if (numbered || this.#accounts(this.#expected, first - 1)) return null
    return missing(this.#expected, first - 1, "a block is missing")
  }
}

const broken = (block: StoredBlock, reason: string): Step => ({ _tag: "Broken", first: block.first, reason })

const missing = (from: number, to: number, reason: string): Step => ({
  _tag: "Missing",
  damage: damageOf(from, to, reason),
})

export const damageOf = (from: number, to: number, reason: string): Damage => ({
  from: Position(from),
  to: Position(to),
  reason,
})
