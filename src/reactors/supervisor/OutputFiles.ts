// The output of managed processes, read back from the files in which their shims put it, rotated ones included.

import { constants } from "node:fs"
import { type FileHandle, open, stat } from "node:fs/promises"
import { Effect, Option, Stream } from "effect"
import { OutputError, type Outputs } from "../../commands/Outputs.ts"
import * as LifeDirectory from "./LifeDirectory.ts"

const chunkBytes = 64 * 1024
/** However many lines are asked for: no more than this is looked through from the end. */
const lookBackBytes = 16 * 1024 * 1024
const lookAgainMillis = 100
/** Longer ones are handed over in pieces. */
const lineBytes = 1024 * 1024

export const make = (dataDirectory: string): Outputs => ({
  lines: ({ process, last, until }) => {
    const path = process.spec.logPath ?? LifeDirectory.defaultLog(dataDirectory, process.id)
    return Stream.unwrapScoped(
      Effect.gen(function* () {
        const current = { file: yield* opened(path), at: 0, rest: "" }
        yield* Effect.addFinalizer(() => Effect.promise(async () => current.file?.close()))
        const before = yield* attempt(() => lastLines(path, current.file, last))
        current.at = before.end
        const told = Stream.make(before.lines).pipe(Stream.filter((lines) => lines.length > 0))
        if (until === null) return told
        // A line that is not whole yet is told with what follows.
        const open = before.lines.at(-1)
        const whole = open === undefined || open.endsWith("\n") ? before.lines : before.lines.slice(0, -1)
        current.rest = whole.length === before.lines.length ? "" : (open ?? "")
        return Stream.concat(Stream.make(whole), following(path, current, until)).pipe(
          Stream.filter((lines) => lines.length > 0),
        )
      }),
    )
  },
})

interface Place {
  file: FileHandle | null
  at: number
  rest: string
}

const following = (path: string, place: Place, until: Effect.Effect<unknown>) =>
  Stream.unwrapScoped(
    Effect.map(Effect.forkScoped(until), (over) => {
      const look: Effect.Effect<Option.Option<ReadonlyArray<string>>, OutputError> = Effect.gen(function* () {
        // Asked before the reading: what was written before the end is read after it.
        const isOver = Option.isSome(yield* over.poll)
        const lines = yield* attempt(() => newLines(path, place))
        if (lines.length > 0) return Option.some(lines)
        if (!isOver) return Option.some((yield* Effect.sleep(lookAgainMillis), []))
        const { rest } = place
        place.rest = ""
        return rest === "" ? Option.none() : Option.some([rest])
      })
      return Stream.repeatEffectOption(
        Effect.flatMap(
          Effect.mapError(look, Option.some),
          Option.match({
            onNone: () => Effect.fail(Option.none()),
            onSome: (lines) => Effect.succeed(lines),
          }),
        ),
      )
    }),
  )

/** What has come since; goes over to the new file once the old one is read to its end. */
const newLines = async (path: string, place: Place): Promise<ReadonlyArray<string>> => {
  const text = place.file === null ? "" : await readOn(place.file, place)
  if (text === "") await followRotation(path, place)
  const all = (place.rest + text).split(/(?<=\n)/)
  const last = all.at(-1) ?? ""
  place.rest = last.endsWith("\n") || last.length > lineBytes ? "" : last
  return place.rest === "" ? all.filter((line) => line !== "") : all.slice(0, -1)
}

const readOn = async (file: FileHandle, place: Place): Promise<string> => {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, place.at)
  // A letter that is cut in two is left for the next look.
  const whole = bytesRead === chunkBytes ? wholeLetters(buffer, bytesRead) : bytesRead
  place.at += whole
  return buffer.toString("utf8", 0, whole)
}

const wholeLetters = (bytes: Buffer, count: number): number => {
  for (let back = 1; back <= 4 && back < count; back++) {
    const byte = bytes[count - back] ?? 0
    if (byte < 0x80) return count
    if (byte >= 0xc0) return count - back
  }
  return count
}

const followRotation = async (path: string, place: Place): Promise<void> => {
  const fresh = await openedOrNull(path)
  const [now, then] = await Promise.all([fresh?.stat(), place.file?.stat()])
  if (fresh === null || now?.ino === then?.ino) return fresh?.close()
  await place.file?.close()
  place.file = fresh
  place.at = 0
}

const lastLines = async (
  path: string,
  current: FileHandle | null,
  count: number,
): Promise<{ readonly lines: ReadonlyArray<string>; readonly end: number }> => {
  const size = current === null ? 0 : (await current.stat()).size
  let budget = lookBackBytes
  let text = current === null || count === 0 ? "" : await tailOf(current, size, count, budget)
  budget -= text.length
  for (let number = 1; linesIn(text).length < count && budget > 0; number++) {
    const file = await openedOrNull(`${path}.${number}`)
    if (file === null) break
    const older = await tailOf(file, (await file.stat()).size, count, budget)
    await file.close()
    budget -= older.length
    text = older + text
  }
  const lines = linesIn(text)
  return { lines: lines.slice(Math.max(0, lines.length - count)), end: size }
}

const linesIn = (text: string): ReadonlyArray<string> => (text === "" ? [] : text.split(/(?<=\n)/))

/** From the end backwards, until there are enough line ends. */
const tailOf = async (file: FileHandle, size: number, count: number, budget: number): Promise<string> => {
  const chunks: Array<Buffer> = []
  let ends = 0
  let at = size
  while (at > 0 && ends <= count && size - at < budget) {
    const length = Math.min(chunkBytes, at)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, at - length)
    at -= length
    chunks.unshift(buffer)
    for (const byte of buffer) if (byte === 10) ends++
  }
  return Buffer.concat(chunks).toString("utf8")
}

/** Never through a link: the path may be the process's own user's to change. */
const openedOrNull = async (path: string): Promise<FileHandle | null> => {
  try {
    if (!(await stat(path)).isFile()) return null
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null
    throw error
  }
}

const opened = (path: string) => attempt(() => openedOrNull(path))

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, OutputError> =>
  Effect.tryPromise({
    try: run,
    catch: (error) =>
      new OutputError({
        reason: `the output cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      }),
  })
