// Sessions of a million events: written from a log, opened, and replayed as fast as they are taken; each beside what any program must pay.

import { createHash } from "node:crypto"
import { createReadStream, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, ManagedRuntime, Stream } from "effect"
import { Position } from "../src/domain/Brands.ts"
import type { KnownEvent } from "../src/domain/Event.ts"
import { EventLog } from "../src/log/EventLog.ts"
import * as LevelEventLog from "../src/log/level/LevelEventLog.ts"
import { LogReader } from "../src/projections/LogReader.ts"
import { type ExportRequest, exportBytes } from "../src/session/exportSession.ts"
import { formatNamed, ndjson } from "../src/session/formats.ts"
import { openRecording, openSession } from "../src/session/openSession.ts"
import { openReplay } from "../src/session/replay/openReplay.ts"
import { writeAside } from "../src/session/writeAside.ts"
import type { Bench } from "./Bench.ts"
import { writeMixed } from "./logGiven.ts"

const MILLION = 1_000_000

const started: KnownEvent = {
  _tag: "AgentStarted",
  bootId: "boot-1",
  host: "node-1",
  pid: 1,
  version: "0",
  hangLimitMillis: 60_000,
}

const record = async (directory: string): Promise<void> => {
  const runtime = ManagedRuntime.make(LevelEventLog.layer({ directory }))
  const log = await runtime.runPromise(EventLog)
  await Effect.runPromise(log.append({ actor: "uid:0", command: null, events: [started] }))
  await writeMixed(log, MILLION - 1)
  await runtime.dispose()
}

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

const exported = (directory: string, path: string, format: ExportRequest["format"]) =>
  Effect.gen(function* () {
    const { layer } = yield* openSession(directory)
    const bytes = exportBytes({ from: null, to: null, types: null, format })
    yield* writeAside(path, Stream.provideLayer(bytes, layer))
  }).pipe(Effect.scoped, Effect.runPromise)

const parquet = (): ExportRequest["format"] => {
  const found = formatNamed("parquet", "events")
  if (typeof found === "string") throw new Error(found)
  return found
}

/** Reads the file and digests it, which every reader that trusts nothing has to do. */
const digested = (path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const hash = createHash("sha256")
    createReadStream(path, { highWaterMark: 256 * 1024 })
      .on("data", (chunk) => hash.update(chunk))
      .on("error", reject)
      .on("end", () => {
        hash.digest()
        resolve()
      })
  })

const opening = (path: string) =>
  Effect.gen(function* () {
    const { reader } = yield* openRecording(path)
    yield* Stream.runDrain(reader.read({ from: Position(MILLION / 2), to: Position(MILLION / 2) }))
  }).pipe(Effect.scoped, Effect.runPromise)

/** From the first event to the last, folded by every projection; opening is not counted. */
const replaying = (path: string): Promise<number> =>
  Effect.gen(function* () {
    const replay = yield* openReplay(path, { speed: "max", paused: true })
    const start = performance.now()
    yield* replay.playback.resume
    yield* Effect.repeat(Effect.zipRight(Effect.sleep(5), replay.playback.state), {
      until: ({ state }) => state === "ended",
    })
    return (MILLION / (performance.now() - start)) * 1000
  }).pipe(Effect.scoped, Effect.runPromise)

const reading = (path: string): Promise<number> =>
  Effect.gen(function* () {
    const { layer } = yield* openSession(path)
    const reader = yield* Effect.provide(LogReader, layer)
    const start = performance.now()
    yield* Stream.runDrain(reader.read({ from: Position(1), to: Position(MILLION) }))
    return (MILLION / (performance.now() - start)) * 1000
  }).pipe(Effect.scoped, Effect.runPromise)

export const bench: Bench = {
  name: "session",
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), "annalist-bench-"))
    const log = join(folder, "log")
    const file = join(folder, "session.ndjson")
    await record(log)
    await exported(log, file, ndjson)
    const figures = [
      {
        figure: "export a million events as NDJSON",
        unit: "s",
        better: "less",
        measure: () => secondsOf(() => exported(log, join(folder, "out.ndjson"), ndjson)),
        floor: { name: "read the same file and digest it", measure: () => secondsOf(() => digested(file)) },
        target: { value: 6 },
        turns: 3,
      },
      {
        figure: "export a million events as Parquet",
        unit: "s",
        better: "less",
        measure: () => secondsOf(() => exported(log, join(folder, "out.parquet"), parquet())),
        target: { value: 10 },
        turns: 1,
      },
      {
        figure: "open a session of a million events and read from its middle",
        unit: "s",
        better: "less",
        measure: () => secondsOf(() => opening(file)),
        floor: { name: "read the same file and digest it", measure: () => secondsOf(() => digested(file)) },
        target: { value: 2 },
        turns: 3,
      },
      {
        figure: "replay a million events at max, every projection folded",
        unit: "events/s",
        better: "more",
        measure: () => replaying(file),
        floor: { name: "read them all", measure: () => reading(file) },
        target: { value: 200_000 },
        turns: 1,
      },
    ] as const
    return { figures, close: async () => rmSync(folder, { recursive: true, force: true }) }
  },
}
