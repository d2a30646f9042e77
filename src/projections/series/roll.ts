// Rolls up telemetry as far as the log goes: rows of minutes and hours and how far they reach are one atomic write.

import { Effect, Stream } from "effect"
import { Position } from "../../domain/Brands.ts"
import type { AppendError } from "../../log/EventLog.ts"
import { Rollups } from "../../log/Rollups.ts"
import { LogReader, type ReadFailed } from "../LogReader.ts"
import { Rolling } from "./Rolling.ts"
import * as StoredRows from "./StoredRows.ts"

/** Rows held before they are written down: some megabytes. */
const maxRows = 4096
/** So long before the first new look the last one before it is looked for: as far apart as any collector's looks are. */
const primeMicros = 120e6

/** The position that the rollups reach now. Nothing is counted twice, whenever it ends. */
export const roll: Effect.Effect<Position, ReadFailed | AppendError, LogReader | Rollups> = Effect.gen(function* () {
  const reader = yield* LogReader
  const rollups = yield* Rollups
  const { head, rawFrom } = yield* reader.source
  const reached = yield* StoredRows.reach(rollups)
  const from = Position(Math.max(rawFrom, reached.position + 1))
  if (from > head) return head
  const rolling = new Rolling()
  yield* prime(rolling, from)
  let { at } = reached
  const kinds = ["sample", "collective"] as const
  yield* reader.read({ from, to: head, kinds }).pipe(
    Stream.runForEach((envelopes) => {
      for (const envelope of envelopes) rolling.take(envelope)
      const last = envelopes.at(-1)
      at = last?.at ?? at
      if (rolling.size < maxRows || last === undefined) return Effect.void
      return writeDown(rolling, { position: last.position, at })
    }),
  )
  yield* writeDown(rolling, { position: head, at })
  return head
})

const prime = (rolling: Rolling, before: Position) =>
  Effect.gen(function* () {
    const reader = yield* LogReader
    const { rawFrom } = yield* reader.source
    const at = yield* reader
      .read({ from: before, to: before })
      .pipe(Stream.runFold(null as number | null, (found, envelopes) => found ?? envelopes[0]?.at ?? null))
    if (at === null) return
    const from = Position(Math.max(rawFrom, yield* reader.positionAt(at - primeMicros)))
    if (from >= before) return
    yield* reader
      .read({ from, to: Position(before - 1), kinds: ["sample"] })
      .pipe(Stream.runForEach((envelopes) => Effect.sync(() => envelopes.forEach((one) => rolling.prime(one)))))
  })

const writeDown = (rolling: Rolling, reached: StoredRows.Reach) =>
  Effect.gen(function* () {
    const rollups = yield* Rollups
    const puts = yield* Effect.forEach(rolling.release(), ({ resolution, stretch, rows }) =>
      StoredRows.grown(rollups, resolution, stretch, rows),
    )
    yield* rollups.save([...puts, StoredRows.reachRollup(reached)], [])
  })
