// One pass through a session file, packed or not: every line judged, nothing kept.

import { createReadStream } from "node:fs"
import { open, stat } from "node:fs/promises"
import { Effect, Either } from "effect"
import { type Compression, byFirstBytes, decompressor } from "./compression.ts"
import * as Lines from "./Lines.ts"
import type { ScanReport } from "./ScanReport.ts"
import * as QuickScan from "./QuickScan.ts"
import type { SessionIndex } from "./SessionIndex.ts"
import * as SessionScan from "./SessionScan.ts"
import { SessionUnreadable } from "./SessionUnreadable.ts"

export interface ScanOptions {
  readonly visit: SessionScan.Visit
  /** The bytes of the uncompressed text, as they come. */
  readonly bytes?: (chunk: Uint8Array) => void
  /** The whole file is read for all of its damage; else the first damage ends the pass. */
  readonly thorough: boolean
  /** Bytes of the file read so far, of all. */
  readonly progress?: (read: number, all: number) => void
}

export interface FileFacts {
  readonly compression: Compression
  readonly bytes: number
}

/** What a path is, before anything of it is read: it must be a file that can be opened. */
export const factsOf = (path: string): Effect.Effect<FileFacts, SessionUnreadable> =>
  Effect.tryPromise({
    try: async () => {
      const facts = await stat(path)
      if (!facts.isFile()) return null
      const handle = await open(path, "r")
      try {
        const first = Buffer.alloc(4)
        const { bytesRead } = await handle.read(first, 0, 4, 0)
        return { compression: byFirstBytes(first.subarray(0, bytesRead)), bytes: facts.size }
      } finally {
        await handle.close()
      }
    },
    catch: (error) => unreadable(path, error as NodeJS.ErrnoException),
  }).pipe(
    Effect.filterOrFail(
      (facts) => facts !== null,
      () => new SessionUnreadable({ path, cause: "foreign", reason: "is neither a file nor a directory" }),
    ),
  )

export const scanFile = (path: string, options: ScanOptions): Effect.Effect<ScanReport, SessionUnreadable> =>
  Effect.gen(function* () {
    const scan = SessionScan.make(options.visit)
    const lines = Lines.make({
      line: (bytes, offset) => SessionScan.line(scan, bytes, offset),
      tooLong: () => SessionScan.tooLong(scan),
    })
    yield* readThrough(path, {
      take: (chunk) => {
        lines.push(chunk)
        options.bytes?.(chunk)
        return scan.noSession === null && (options.thorough || scan.damage.count() === 0)
      },
      broken: (reason) => SessionScan.broken(scan, reason),
      progress: options.progress,
    })
    const result = SessionScan.finish(scan, lines.rest())
    return Either.isRight(result) ? result.right : yield* new SessionUnreadable({ path, ...result.left })
  })

/** The same for a file that is plainly whole, and null for any other: then what was indexed is of no use. */
export const scanQuickly = (
  path: string,
  options: Pick<ScanOptions, "bytes" | "progress"> & { readonly index: SessionIndex },
): Effect.Effect<ScanReport | null, SessionUnreadable> =>
  Effect.gen(function* () {
    const scan = QuickScan.make(options.index)
    let whole = true
    yield* readThrough(path, {
      take: (chunk) => {
        options.bytes?.(chunk)
        return scan.push(chunk)
      },
      broken: () => {
        whole = false
      },
      progress: options.progress,
    })
    return whole ? scan.finish() : null
  })

interface Taker {
  /** A piece of the uncompressed text; false when nothing more is wanted. */
  readonly take: (chunk: Buffer) => boolean
  /** The packing is damaged: nothing more comes. */
  readonly broken: (reason: string) => void
  readonly progress: ScanOptions["progress"]
}

const readThrough = (path: string, taker: Taker): Effect.Effect<void, SessionUnreadable> =>
  Effect.gen(function* () {
    const facts = yield* factsOf(path)
    const unpack = decompressor(facts.compression)
    if (typeof unpack === "string") {
      return yield* new SessionUnreadable({ path, cause: "io", reason: `cannot be read: ${unpack}` })
    }
    yield* Effect.async<void, SessionUnreadable>((resume) => {
      const input = createReadStream(path, { highWaterMark: 256 * 1024 })
      const output = unpack === null ? input : input.pipe(unpack)
      const stop = () => {
        output.removeAllListeners("data")
        input.destroy()
        output.destroy()
      }
      if (taker.progress !== undefined) {
        input.on("data", () => taker.progress?.(input.bytesRead, facts.bytes))
      }
      // "data" and not iteration: every chunk that came before an error is still handed over.
      output.on("data", (chunk: Buffer) => {
        if (taker.take(chunk)) return
        stop()
        resume(Effect.void)
      })
      output.once("end", () => resume(Effect.void))
      input.once("error", (error) => resume(Effect.fail(unreadable(path, error))))
      if (unpack !== null) {
        unpack.once("error", (error) => {
          taker.broken(`cannot be unpacked: the ${facts.compression} stream is damaged (${error.message})`)
          resume(Effect.void)
        })
      }
      return Effect.sync(stop)
    })
  })

export const unreadable = (path: string, error: NodeJS.ErrnoException): SessionUnreadable => {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "does not exist",
    EACCES: "may not be read by this user",
    EPERM: "may not be read by this user",
    ENOTDIR: "does not exist: a part of its path is a file",
  }
  return new SessionUnreadable({
    path,
    cause: "io",
    reason: reasons[error.code ?? ""] ?? `cannot be read: ${error.message}`,
  })
}
