// The tables of a range of the log: what stands in them, as CSV and as Parquet.

import { it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { parquetReadObjects } from "hyparquet"
import { describe, expect } from "vitest"
import { Position } from "../../src/domain/Brands.ts"
import { LogReader } from "../../src/projections/LogReader.ts"
import { exportBytes } from "../../src/session/exportSession.ts"
import { formatNamed } from "../../src/session/formats.ts"
import { openRecording } from "../../src/session/openSession.ts"
import { tables } from "../../src/session/tables/tables.ts"
import { everything, readerOver } from "./given.ts"

const written = (format: string, table: string | null, reader: LogReader["Type"], from: number | null = null) =>
  Effect.gen(function* () {
    const found = formatNamed(format, table)
    if (typeof found === "string") return yield* Effect.dieMessage(found)
    const begin = from === null ? null : ({ _tag: "AtPosition", position: Position(from) } as const)
    const chunks = yield* Stream.runCollect(exportBytes({ from: begin, to: null, types: null, format: found }))
    return Buffer.concat(Array.from(chunks))
  }).pipe(Effect.provideService(LogReader, reader))

const rowsOf = (bytes: Buffer): Promise<ReadonlyArray<Record<string, unknown>>> =>
  parquetReadObjects({ file: new Uint8Array(bytes).buffer })

const recorded = readerOver(everything(300))

describe("the tables", () => {
  it.effect("hold a row an event, in both formats the same", () =>
    Effect.gen(function* () {
      const rows = yield* Effect.promise(() => Effect.runPromise(written("parquet", null, recorded)).then(rowsOf))
      const lines = (yield* written("csv", "events", recorded)).toString().trimEnd().split("\r\n")
      expect(lines[0]).toBe("position,at,mono,actor,command,type,lane,data")
      expect([rows.length, lines.length]).toEqual([300, 301])
      expect(rows[4]).toMatchObject({ position: 5n, type: "ProcessBooted", actor: "uid:1000", command: "command-4" })
      expect(rows[4]?.["at"]).toEqual(new Date(1769828400400))
      expect(lines[5]).toBe(
        '5,2026-01-31T03:00:00.400007Z,5400000,uid:1000,command-4,ProcessBooted,action,"{""process"":""brief"",""identity"":{""bootId"":""boot-1"",""pid"":4711,""startTicks"":99}}"',
      )
    }),
  )

  it.effect("tell of collectives and processes, and of those that a slice carries", () =>
    Effect.gen(function* () {
      const collectives = yield* Effect.promise(() =>
        Effect.runPromise(written("parquet", "collectives", recorded, 100)).then(rowsOf),
      )
      expect(collectives).toHaveLength(201)
      expect(collectives[0]).toMatchObject({ position: 100n, op: "allreduce", rank: 0n, root_rank: -1n, end_us: null })
      const processes = (yield* written("csv", "processes", recorded, 100)).toString().trimEnd().split("\r\n")
      expect(processes).toHaveLength(2)
      expect(processes[1]).toContain('worker,worker,,node-1,root,"[""/bin/sh"",""worker.sh""]",4711,running,')
    }),
  )

  it.effect("tell of the host's samples and of verdicts, and each of them can be read", () =>
    Effect.gen(function* () {
      const { reader } = yield* openRecording("fixtures/sessions/four-ranks-hang.ndjson")
      for (const { name, columns } of tables) {
        const bytes = yield* written("parquet", name, reader)
        const rows = yield* Effect.promise(() => rowsOf(bytes))
        const lines = (yield* written("csv", name, reader)).toString().trimEnd().split("\r\n")
        expect(lines[0]).toBe(columns.map(([column]) => column).join(","))
        expect(lines, name).toHaveLength(rows.length + 1)
        if (name === "verdicts") {
          expect(rows.map(({ verdict }) => verdict)).toContain("missing_rank")
          expect(rows.at(-1)).toMatchObject({ culprits: "[2]", waiting: "[0,1,3]" })
        }
        if (name !== "jobs") expect(rows.length, name).toBeGreaterThan(0)
      }
    }).pipe(Effect.scoped),
  )
})
