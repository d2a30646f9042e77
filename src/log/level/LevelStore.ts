// The LevelDB driver: ordered keys, atomic batches, a sync before each acknowledgement. It decides nothing.

import { dirname } from "node:path"
import { ClassicLevel } from "classic-level"
import { Effect, type Scope } from "effect"
import { LogUnopenable } from "../EventLog.ts"
import {
  type BlockStore,
  type Cursor,
  type Entry,
  type KeyRange,
  StoreError,
  type StoreWrite,
} from "../store/BlockStore.ts"
import { heldBy, holderOf } from "./DirectoryLock.ts"
import { directoryBytes } from "./files.ts"
import type { Watermark } from "./Watermark.ts"

export type Level = ClassicLevel<Uint8Array, Uint8Array>

export interface LevelOptions {
  readonly createIfMissing: boolean
}

/** One path is open once in a process at most: closing a second handle would drop the first one's lock. */
export const openLevel = (location: string, options: LevelOptions): Effect.Effect<Level, LogUnopenable, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        const level: Level = new ClassicLevel(location, { keyEncoding: "view", valueEncoding: "view", ...options })
        await level.open()
        return level
      },
      catch: (cause) => (isLocked(cause) ? heldElsewhere(location) : unopenable(cause)),
    }),
    // A store that failed may fail to close as well; its handle is given up either way.
    (level) => Effect.ignore(Effect.tryPromise(() => level.close())),
  )

export const make = (level: Level, watermark: Watermark): BlockStore => ({
  commit: (write) => commitTo(level, write),
  get: (key) => Effect.try({ try: () => level.getSync(key), catch: failed("get") }),
  scan: (range) => scan(level, range),
  acknowledged: watermark.read,
  acknowledge: watermark.write,
  bytesIn: ({ from, until }) =>
    Effect.tryPromise({ try: () => level.approximateSize(from, until), catch: failed("scan") }),
  bytesOnDisk: directoryBytes(level.location),
})

/** All of it or nothing, and durable when it returns. */
export const commitTo = (level: Level, write: StoreWrite): Effect.Effect<void, StoreError> =>
  Effect.tryPromise({ try: () => level.batch(operations(write), { sync: true }), catch: failed("commit") })

const operations = ({ puts, deletes }: StoreWrite) => [
  ...deletes.map((key) => ({ type: "del", key }) as const),
  ...puts.map(([key, value]) => ({ type: "put", key, value }) as const),
]

/** An iterator sees the store as it was when it was made. */
const scan = (level: Level, { from, until, reverse }: KeyRange): Effect.Effect<Cursor, StoreError, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.try({
        try: () => level.iterator({ gte: from, lt: until, reverse: reverse ?? false, highWaterMarkBytes: 256 * 1024 }),
        catch: failed("scan"),
      }),
      (iterator) => Effect.ignore(Effect.tryPromise(() => iterator.close())),
    ),
    (iterator): Cursor => ({
      next: (bytes) =>
        Effect.tryPromise({
          // The iterator itself stops at its high-water mark of bytes; small asks need few entries.
          try: (): Promise<Array<Entry>> => iterator.nextv(bytes < 4096 ? 1 : 4096),
          catch: failed("scan"),
        }),
    }),
  )

const failed =
  (operation: StoreError["operation"]) =>
  (cause: unknown): StoreError =>
    new StoreError({ operation, reason: `LevelDB: ${messageOf(cause)}` })

/** classic-level says what happened in the cause of a general error. */
export const messageOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error ? cause.cause.message : cause.message
}

const isLocked = (cause: unknown): boolean =>
  cause instanceof Error && cause.cause instanceof Error && "code" in cause.cause && cause.cause.code === "LEVEL_LOCKED"

/** LevelDB's lock holds across network namespaces, where the agent's own does not reach. */
const heldElsewhere = (location: string): LogUnopenable => heldBy(dirname(location), holderOf(dirname(location)))

const unopenable = (cause: unknown): LogUnopenable =>
  new LogUnopenable({
    reason: `LevelDB: ${messageOf(cause)}`,
    advice: adviceFor(messageOf(cause)),
  })

const adviceFor = (message: string): string => {
  if (/no space left|quota/i.test(message)) return "make room on the disk, then start again"
  if (/permission denied|read-only/i.test(message)) return "make the data directory writable for this user"
  return "run 'annalist verify' on the data directory; with '--repair-copy NEW_DIR' it saves what is whole"
}
