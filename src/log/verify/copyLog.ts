// Copies what is whole of an opened store into a new log: a live backup, or what a repair can save. Blocks are copied as they are.

import { resolve } from "node:path"
import { Effect } from "effect"
import type { Lane } from "../../domain/Event.ts"
import { decodePayload } from "../block/BlockCodec.ts"
import { isProblem, open } from "../block/BlockHeader.ts"
import * as Lineage from "../core/Lineage.ts"
import { LogUnopenable } from "../EventLog.ts"
import * as LevelStore from "../level/LevelStore.ts"
import * as LogDirectory from "../level/LogDirectory.ts"
import type { BlockStore, Entry, StoreError } from "../store/BlockStore.ts"
import { family, positionOfKey } from "../store/keys.ts"
import { openValue } from "../store/sealed.ts"
import * as Tombstone from "../store/tombstone.ts"
import { scanAll } from "./scanAll.ts"

export interface CopyPlan {
  readonly target: string
  /** Why the copy is another log from its head on. */
  readonly cause: string
  /** Whether a whole entry goes along. */
  readonly keep: (entry: Entry) => boolean
  /** Entries that are made for the copy, given where it ends. */
  readonly added: (head: number) => ReadonlyArray<Entry>
  /** The lineage to go on from; null when the source's cannot be read, and its blocks must tell. */
  readonly lineage: Lineage.Lineage | null
}

export interface Copied {
  readonly head: number
  readonly entries: number
  readonly bytes: number
  /** Positions at which something was not whole, and so left out. */
  readonly leftOut: ReadonlyArray<number>
}

const WRITE_BYTES = 1024 * 1024

/** One cursor over all keys shows the store as it was at one moment, however long the copying takes. */
export const copyLog = (source: BlockStore, plan: CopyPlan): Effect.Effect<Copied, LogUnopenable | StoreError> =>
  Effect.gen(function* () {
    const path = resolve(plan.target)
    yield* LogDirectory.refuseOccupied(path)
    const copy = new Copy(plan.keep)
    const fill = (level: LevelStore.Level) => {
      const write = (puts: ReadonlyArray<Entry>) =>
        Effect.mapError(LevelStore.commitTo(level, { puts, deletes: [] }), asUnopenable)
      return scanAll(source, { from: Uint8Array.of(0), until: Uint8Array.of(255) }, (entries) =>
        Effect.suspend(() => {
          for (const entry of entries) copy.take(entry)
          return copy.pendingBytes >= WRITE_BYTES ? Effect.orDie(write(copy.flush())) : Effect.void
        }),
      ).pipe(Effect.mapError(asUnopenable), Effect.zipRight(Effect.suspend(() => write(copy.flush()))))
    }
    const last = () => {
      const lineage = plan.lineage ?? Lineage.ofBlocks(copy.marks)
      const extended = Lineage.extend(lineage, copy.head + 1, plan.cause)
      return { puts: [...plan.added(copy.head), Lineage.entryOf(extended)], deletes: [] }
    }
    yield* LogDirectory.create(path, fill, last, () => copy.head)
    return { head: copy.head, entries: copy.entries, bytes: copy.bytes, leftOut: copy.leftOut }
  })

class Copy {
  readonly #keep: (entry: Entry) => boolean
  #pending: Array<Entry> = []
  pendingBytes = 0
  head = 0
  entries = 0
  bytes = 0
  /** Whose blocks they are; kept where it changes. */
  readonly marks: Array<{ readonly first: number; readonly logId: string }> = []
  readonly leftOut: Array<number> = []

  constructor(keep: (entry: Entry) => boolean) {
    this.#keep = keep
  }

  take(entry: Entry): void {
    const [key, value] = entry
    const letter = key[0]
    // The copy has a lineage of its own.
    if (letter === family.meta) return
    if (letter === family.action || letter === family.telemetry) {
      const end = wholeEnd(letter === family.action ? "action" : "telemetry", entry)
      if (end === null || !this.#keep(entry)) {
        this.leftOut.push(key.length === 9 ? positionOfKey(key) : 0)
        return
      }
      this.head = Math.max(this.head, end)
      this.#mark(positionOfKey(key), value)
    } else if (openValue(key, value) === null || !this.#keep(entry)) return
    this.#pending.push(entry)
    this.pendingBytes += key.length + value.length
  }

  #mark(first: number, bytes: Uint8Array): void {
    const header = open(bytes)
    if (isProblem(header)) return
    const logId = Lineage.idText(header.logId)
    if (this.marks.at(-1)?.logId !== logId) this.marks.push({ first, logId })
  }

  flush(): ReadonlyArray<Entry> {
    const entries = this.#pending
    this.entries += entries.length
    this.bytes += this.pendingBytes
    this.#pending = []
    this.pendingBytes = 0
    return entries
  }
}

/** The last position of a block that is wholly what was written; null for any other. */
export const wholeEnd = (lane: Lane, [key, bytes]: Entry): number | null => {
  const header = open(bytes)
  if (key.length !== 9 || isProblem(header) || header.first !== positionOfKey(key) || header.lane !== lane) return null
  if (header.form === "tombstone") return Tombstone.decode(header, bytes).last
  return "problem" in decodePayload(header, bytes) ? null : header.first + header.count - 1
}

const asUnopenable = (error: StoreError): LogUnopenable =>
  new LogUnopenable({ reason: error.reason, advice: "check the target's disk; the source is unchanged" })
