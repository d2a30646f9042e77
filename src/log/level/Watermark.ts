// The highest acknowledged position, in a file of its own: LevelDB opens without complaint when the end of its write-ahead file is lost, and this tells.

import { closeSync, openSync, readSync, writeSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { Effect, type Scope } from "effect"
import { crc32 } from "node:zlib"
import { LogUnopenable } from "../EventLog.ts"

export interface Watermark {
  readonly read: Effect.Effect<number | null>
  readonly write: (position: number) => Effect.Effect<void>
}

export const WATERMARK_BYTES = 12

/**
 * Overwritten in place and not synced: it survives a killed agent at the cost of one small write, and after a power cut
 * it names at most an older position, which was acknowledged as well.
 */
export const open = (path: string): Effect.Effect<Watermark, LogUnopenable, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.try({
        try: () => openSync(path, "r+"),
        catch: (cause) =>
          new LogUnopenable({
            reason: `the file of the last acknowledged position cannot be opened: ${String(cause)}`,
            advice: "run 'annalist verify' on the data directory",
          }),
      }),
      (file) => Effect.sync(() => closeSync(file)),
    ),
    (file): Watermark => ({
      read: Effect.sync(() => {
        const bytes = new Uint8Array(WATERMARK_BYTES)
        readSync(file, bytes, 0, WATERMARK_BYTES, 0)
        return decode(bytes)
      }),
      write: (position) =>
        Effect.sync(() => {
          // Only a lower bound is lost when this fails; a disk that fails shows in the next commit.
          try {
            writeSync(file, encode(position), 0, WATERMARK_BYTES, 0)
          } catch {
            return
          }
        }),
    }),
  )

/** For checks and snapshots: a file that is not there reads as one that is damaged. */
export const openReadOnly = (path: string): Effect.Effect<Watermark> =>
  Effect.map(
    Effect.promise(() => readFile(path).catch(() => new Uint8Array(0))),
    (bytes): Watermark => ({ read: Effect.succeed(decode(bytes)), write: () => Effect.void }),
  )

export const encode = (position: number): Uint8Array => {
  const bytes = new Uint8Array(WATERMARK_BYTES)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(position))
  view.setUint32(8, crc32(bytes.subarray(0, 8)))
  return bytes
}

/** Null when the file holds no whole position. */
export const decode = (bytes: Uint8Array): number | null => {
  if (bytes.length < WATERMARK_BYTES) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return view.getUint32(8) === crc32(bytes.subarray(0, 8)) ? Number(view.getBigUint64(0)) : null
}
