// One lane of a log, block after block: which are whole, what is wrong with the others, whose commands they carry.

import type { Lane } from "../../domain/Event.ts"
import { decodePayload, readHeads } from "../block/BlockCodec.ts"
import { type BlockHeader, hashOf, isProblem, open } from "../block/BlockHeader.ts"
import type { Gap } from "../core/Ledger.ts"
import * as Lineage from "../core/Lineage.ts"
import type { Entry } from "../store/BlockStore.ts"
import { positionOfKey } from "../store/keys.ts"
import * as Tombstone from "../store/tombstone.ts"
import type { LaneInspection } from "./inspect.ts"
import type { Finding } from "./Verification.ts"

export class LaneCheck {
  readonly #lane: Lane
  readonly #lineage: Lineage.Lineage | null
  readonly #gaps: ReadonlyArray<Gap>
  readonly #ranges: Array<Gap> = []
  readonly #findings: Array<Finding> = []
  readonly #commands = new Map<string, Gap>()
  #aged: Tombstone.Tombstone | null = null
  #before: { readonly ordinal: number; readonly hash: Uint8Array; readonly last: number } | null = null
  #blocks = 0
  #events = 0

  constructor(lane: Lane, lineage: Lineage.Lineage | null, gaps: ReadonlyArray<Gap>) {
    this.#lane = lane
    this.#lineage = lineage
    this.#gaps = gaps
  }

  take([key, bytes]: Entry): void {
    const position = key.length === 9 ? positionOfKey(key) : -1
    const header = open(bytes)
    if (isProblem(header)) return this.#broken(position, header.problem)
    if (header.first !== position || header.lane !== this.#lane) {
      return this.#broken(position, "a block lies under another block's key")
    }
    if (header.form === "tombstone") return this.#bury(Tombstone.decode(header, bytes))
    // Blocks that a tombstone names were deleted with it; a repaired store may show them again.
    if (this.#aged !== null && header.first <= this.#aged.last) return
    const last = header.first + header.count - 1
    const problem = this.#problem(header, bytes)
    if (problem !== null) this.#findings.push({ from: header.first, to: last, reason: problem })
    this.#before = { ordinal: header.ordinal, hash: hashOf(bytes), last }
    this.#blocks += 1
    this.#events += header.count
    this.#ranges.push({ first: header.first, last })
    if (problem === null) this.#note(header, bytes)
  }

  result(): LaneInspection {
    return {
      ranges: this.#ranges,
      aged: this.#aged,
      findings: this.#findings,
      commands: this.#commands,
      blocks: this.#blocks,
      events: this.#events,
    }
  }

  #broken(position: number, reason: string): void {
    this.#findings.push({ from: position < 0 ? null : position, to: position < 0 ? null : position, reason })
  }

  #bury(stone: Tombstone.Tombstone): void {
    this.#aged = stone
    this.#before = { ordinal: stone.lastOrdinal, hash: stone.after, last: stone.last }
  }

  #problem(header: BlockHeader, bytes: Uint8Array): string | null {
    const { first, ordinal, previous, logId } = header
    if (this.#lineage !== null) {
      const expected = Lineage.idBytes(Lineage.idAt(this.#lineage, first))
      if (Buffer.compare(logId, expected) !== 0) return "a block belongs to another log"
    }
    const read = decodePayload(header, bytes)
    if ("problem" in read) return read.problem
    const before = this.#before ?? { ordinal: 0, hash: new Uint8Array(32), last: 0 }
    if (first <= before.last) return "a block holds positions of another"
    // What a repair could not save is on record; the chain begins anew behind it.
    if (this.#gaps.some((gap) => gap.first > before.last && gap.last < first)) return null
    // A hole in the lane is reported as missing positions; the block behind it is whole.
    if (ordinal !== before.ordinal + 1) return ordinal > before.ordinal ? null : "a block's number is out of order"
    return Buffer.compare(previous, before.hash) === 0 ? null : "the chain of blocks is broken here"
  }

  #note(header: BlockHeader, bytes: Uint8Array): void {
    let first = header.first
    for (const { command, count } of readHeads(header, bytes)) {
      const last = first + count - 1
      if (command !== null) {
        this.#commands.set(command, { first: this.#commands.get(command)?.first ?? first, last })
      }
      first = last + 1
    }
  }
}
