// Reads a range of the log as checked events; stops with the exact range where bytes are not what was written.

import { Effect, Option } from "effect"
import type { Envelope } from "../../domain/Envelope.ts"
import type { Lane } from "../../domain/Event.ts"
import { decodePayload } from "../block/BlockCodec.ts"
import { kindOf } from "../block/EventSections.ts"
import type { BlockHeader } from "../block/BlockHeader.ts"
import { type Committed, LogDamaged } from "../EventLog.ts"
import type { BlockStore, StoreError } from "../store/BlockStore.ts"
import * as BlockScan from "./BlockScan.ts"
import type { StoredBlock } from "./BlockScan.ts"
import type { Damage } from "./Ledger.ts"
import * as Turns from "./Turns.ts"
import { type Accounts, damageOf, Walk } from "./Walk.ts"

export interface ReadPlan {
  readonly from: number
  readonly to: number
  readonly lanes: ReadonlyArray<Lane>
  /** Bits of the kinds that are wanted; all when left out. */
  readonly kinds?: number
  readonly accounts: Accounts
  readonly chunkEvents: number
  /** False once the store was closed beneath the reader: then a failure says nothing about what is stored. */
  readonly isOpen: () => boolean
}

export const bothLanes: ReadonlyArray<Lane> = ["action", "telemetry"]

/** The next chunk; fails with None at the end of the range. */
export type Pull = Effect.Effect<Committed, Option.Option<LogDamaged | StoreError>>

export const open = Effect.fn("EventLog.openRead")(function* (store: BlockStore, plan: ReadPlan) {
  const reader = new Reader(plan)
  const scan = yield* Effect.mapError(BlockScan.open(store, plan.from, plan.to, plan.lanes), (error) =>
    reader.judge(error),
  )
  const turns = yield* Turns.make
  const pull: Pull = Effect.gen(function* () {
    yield* turns.give
    while (true) {
      const ready = reader.chunk()
      if (ready !== null) return ready
      if (reader.over) return yield* Effect.fail(reader.finish())
      const blocks = yield* Effect.mapError(scan.next, (error) => Option.some(reader.judge(error)))
      if (blocks.length > 0) reader.add(blocks)
      else reader.end()
    }
  })
  return pull
})

/** Looks at all processes of a busy host are large: a chunk ends behind so many stored bytes as well. */
const CHUNK_BYTES = 128 * 1024

/** Blocks in, chunks of events out, about so many events at a time: the event loop gets its turns in between. */
class Reader {
  readonly #plan: ReadPlan
  readonly #walk: Walk
  #blocks: ReadonlyArray<StoredBlock> = []
  #at = 0
  #events: Array<Envelope> = []
  /** Of the blocks that the gathered events came from. */
  #bytes = 0
  #broken: { readonly first: number; readonly reason: string } | null = null
  #damage: Damage | null = null
  #over = false

  constructor(plan: ReadPlan) {
    this.#plan = plan
    this.#walk = new Walk(plan.from, plan.lanes, plan.accounts)
  }

  add(blocks: ReadonlyArray<StoredBlock>): void {
    this.#blocks = this.#at === this.#blocks.length ? blocks : [...this.#blocks.slice(this.#at), ...blocks]
    this.#at = 0
  }

  /** The next full chunk, or null when more blocks are needed (or none will come). */
  chunk(): Committed | null {
    while (this.#events.length < this.#plan.chunkEvents && this.#bytes < CHUNK_BYTES && this.#damage === null) {
      const block = this.#blocks[this.#at]
      if (block === undefined) {
        if (!this.#over) return null
        break
      }
      this.#at += 1
      this.#take(block)
    }
    if (this.#damage !== null) this.#over = true
    if (this.#events.length === 0) return null
    const events = this.#events
    this.#events = []
    this.#bytes = 0
    return events
  }

  get over(): boolean {
    return this.#over
  }

  end(): void {
    this.#over = true
  }

  /** What the driver cannot read from an open store is damaged there, from the next position on. */
  judge(error: StoreError): StoreError | LogDamaged {
    if (!this.#plan.isOpen()) return error
    return new LogDamaged(damageOf(this.#walk.expected, this.#plan.to, error.reason))
  }

  /** Why there is nothing more: the range is read, or what is next is damaged. */
  finish(): Option.Option<LogDamaged> {
    const { to } = this.#plan
    const broken = this.#broken === null ? null : damageOf(this.#broken.first, to, this.#broken.reason)
    const damage = this.#damage ?? broken ?? this.#walk.end(to)
    return damage === null ? Option.none() : Option.some(new LogDamaged(damage))
  }

  #take(block: StoredBlock): void {
    // A broken block hides how far it reached; the one after it shows that.
    if (this.#broken !== null) {
      this.#damage = damageOf(this.#broken.first, Math.max(this.#broken.first, block.first - 1), this.#broken.reason)
      return
    }
    const step = this.#walk.step(block)
    if (step._tag === "Aged") return
    if (step._tag === "Missing") this.#damage = step.damage
    else if (step._tag === "Broken") this.#broken = step
    else this.#unpack(step.header, block)
  }

  #unpack(header: BlockHeader, block: StoredBlock): void {
    const { first, count } = header
    const last = first + count - 1
    const { from, to } = this.#plan
    const kinds = this.#plan.kinds ?? header.kinds
    if (last < from || (kinds & header.kinds) === 0) return
    const read = decodePayload(header, block.bytes)
    if ("problem" in read) {
      this.#damage = damageOf(first, last, read.problem)
      return
    }
    const whole = first >= from && last <= to && (kinds & header.kinds) === header.kinds
    const isWanted = ({ position, event }: Envelope) =>
      position >= from && position <= to && (kinds === header.kinds || (kindOf(event) & kinds) !== 0)
    const wanted = whole ? read.envelopes : read.envelopes.filter(isWanted)
    if (wanted.length > 0) this.#bytes += block.bytes.length
    if (this.#events.length === 0) this.#events = whole ? [...wanted] : (wanted as Array<Envelope>)
    else for (const envelope of wanted) this.#events.push(envelope)
  }
}
