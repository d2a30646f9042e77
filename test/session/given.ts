// Sessions to test on: events of every kind, a reader over them, and the bytes of a session file.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Stream } from "effect"
import { CommandId, Position, ProcessId } from "../../src/domain/Brands.ts"
import type { Envelope } from "../../src/domain/Envelope.ts"
import type { Event } from "../../src/domain/Event.ts"
import { LogReader } from "../../src/projections/LogReader.ts"
import { type ExportRequest, exportBytes } from "../../src/session/exportSession.ts"
import { ndjson } from "../../src/session/formats.ts"

export const beginning = Date.parse("2026-01-31T03:00:00Z") * 1000

/** Envelopes at dense positions from 1, a tenth of a second apart. */
export const recordedOf = (events: ReadonlyArray<Event>): ReadonlyArray<Envelope> =>
  events.map((event, index) => ({
    position: Position(index + 1),
    at: beginning + index * 100_000 + 7,
    mono: 5_000_000 + index * 100_000,
    actor: index % 3 === 0 ? "agent" : "uid:1000",
    command: index % 4 === 0 ? CommandId(`command-${index}`) : null,
    event,
  }))

export const started: Event = {
  _tag: "AgentStarted",
  bootId: "boot-1",
  host: "node-1",
  pid: 41,
  version: "0.0.0",
  hangLimitMillis: 60_000,
}

export const requested = (name: string): Event => ({
  _tag: "ProcessBootRequested",
  process: ProcessId(name),
  spec: {
    name,
    kind: "process",
    argv: ["/bin/sh", `${name}.sh`],
    workingDirectory: "/tmp",
    env: { PATH: "/bin", SECRET: "[redacted]" },
    user: "root",
    session: null,
    treeId: null,
    host: "node-1",
    logPath: null,
    scriptPath: `${name}.sh`,
  },
})

export const booted = (name: string): Event => ({
  _tag: "ProcessBooted",
  process: ProcessId(name),
  identity: { bootId: "boot-1", pid: 4711, startTicks: 99 },
})

export const exited = (name: string): Event => ({
  _tag: "ProcessExited",
  process: ProcessId(name),
  code: 0,
  signal: null,
})

export const collective = (rank: number, filename = "allreduce.cpp"): Event => ({
  _tag: "CollectiveStarted",
  reporter: { key: `pid:${rank}`, runId: null, host: "node-1", pid: 100 + rank },
  communicator: null,
  op: "allreduce",
  rank,
  size: 4,
  startTime: 1000 + rank,
  endTime: null,
  filename,
  seq: null,
  extra: { note: "größer als ∞ \u0001 \u2028", nested: [1, { two: 2 }] },
  algorithm: "ring",
  dataType: "float",
  count: 1024,
  rootRank: -1,
})

const newer: Event = { _tag: "Unknown", type: "MoonPhaseSeen", data: { phase: "full", of: [1, 2] } }

/** A session with a bit of everything: two processes, one of which ends, and collectives, `count` events in all. */
export const everything = (count: number): ReadonlyArray<Envelope> =>
  recordedOf(
    [
      started,
      requested("worker"),
      booted("worker"),
      requested("brief"),
      booted("brief"),
      newer,
      exited("brief"),
      ...Array.from({ length: Math.max(0, count - 7) }, (_, index) => collective(index % 4)),
    ].slice(0, count),
  )

/** A log reader over events at hand. */
export const readerOver = (events: ReadonlyArray<Envelope>, perBatch = 16): LogReader["Type"] => {
  const read: LogReader["Type"]["read"] = ({ from, to }) =>
    Stream.fromIterable(events.filter(({ position }) => position >= from && position <= to)).pipe(
      Stream.grouped(perBatch),
      Stream.map((chunk) => Array.from(chunk)),
    )
  return {
    source: Effect.succeed({
      node: "node-1",
      bootId: "boot-1",
      logId: "log-1",
      first: Position(1),
      head: Position(events.at(-1)?.position ?? 0),
      rawFrom: Position(1),
      kind: "live",
      bytes: 0,
    }),
    read,
    follow: (from) => read({ from, to: Position(events.length) }),
    rollups: null,
    positionAt: (micros) => Effect.succeed(Position(events.findLast(({ at }) => at <= micros)?.position ?? 0)),
  }
}

const all: ExportRequest = { from: null, to: null, types: null, format: ndjson }

/** The bytes of a session file over these events. */
export const sessionOf = (events: ReadonlyArray<Envelope>, request: Partial<ExportRequest> = {}) =>
  exportBytes({ ...all, ...request }).pipe(
    Stream.runCollect,
    Effect.map((chunks) => Buffer.concat(Array.from(chunks))),
    Effect.provideService(LogReader, readerOver(events)),
  )

/** A folder that is gone with the scope, and a way to put files into it. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "annalist-session-test-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
).pipe(
  Effect.map((path) => ({
    path,
    file: (name: string, content: string | Uint8Array): string => {
      const file = join(path, name)
      writeFileSync(file, content)
      return file
    },
  })),
)
