// Bytes into a file that appears under its name only once it is whole: written aside, synced, renamed.

import { createWriteStream } from "node:fs"
import { rename, rm } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import type { Writable } from "node:stream"
import { Data, Deferred, Effect, Runtime, Stream } from "effect"
import { byName, compressor } from "./compression.ts"

/** The message begins with the path. */
class WriteFailed extends Data.TaggedError("WriteFailed")<{ readonly path: string; readonly reason: string }> {
  override get message(): string {
    return `${this.path} ${this.reason}`
  }
}

/** Packed as the name says (.gz, .zst). Whatever goes wrong, and when interrupted, nothing is left behind. */
export const writeAside = <E, R>(
  path: string,
  bytes: Stream.Stream<Uint8Array, E, R>,
): Effect.Effect<void, E | WriteFailed, R> =>
  Effect.gen(function* () {
    const packer = compressor(byName(path))
    if (typeof packer === "string") return yield* new WriteFailed({ path, reason: `cannot be written: ${packer}` })
    const aside = join(dirname(path), `.${basename(path)}.${process.pid}.part`)
    const file = createWriteStream(aside, { flags: "wx", flush: true })
    const entry: Writable = packer ?? file
    packer?.pipe(file)
    const failed = yield* Deferred.make<never, WriteFailed>()
    const closed = yield* Deferred.make<void>()
    const runtime = yield* Effect.runtime()
    const settle = Runtime.runSync(runtime)
    file.once("close", () => settle(Deferred.succeed(closed, undefined)))
    for (const part of new Set([entry, file])) {
      part.once("error", (error: NodeJS.ErrnoException) => settle(Deferred.fail(failed, refused(path, error))))
    }
    const written = bytes.pipe(
      Stream.runForEach((chunk) => drained(entry, chunk)),
      Effect.zipRight(Effect.sync(() => entry.end())),
      Effect.zipRight(Deferred.await(closed)),
      Effect.raceFirst(Deferred.await(failed)),
    )
    const discarded = Effect.promise(() => {
      file.destroy()
      return rm(aside, { force: true })
    })
    yield* Effect.onError(written, () => discarded)
    yield* Effect.tryPromise({ try: () => rename(aside, path), catch: (error) => refused(path, error as Error) }).pipe(
      Effect.onError(() => discarded),
    )
  })

const drained = (entry: Writable, chunk: Uint8Array): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (entry.write(chunk)) return resume(Effect.void)
    const drain = () => resume(Effect.void)
    entry.once("drain", drain)
    return Effect.sync(() => entry.off("drain", drain))
  })

const refused = (path: string, error: NodeJS.ErrnoException): WriteFailed => {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "cannot be written: its folder does not exist",
    EACCES: "cannot be written: this user may not write there",
    EROFS: "cannot be written: the file system is read-only",
    ENOSPC: "cannot be written: the disk is full",
    EISDIR: "cannot be written: it is a directory",
    ENOTDIR: "cannot be written: a part of its path is a file",
  }
  return new WriteFailed({ path, reason: reasons[error.code ?? ""] ?? `cannot be written: ${error.message}` })
}
