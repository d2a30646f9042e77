// A slice explains itself: it begins with the events from before that it needs, at their true positions.

import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { Position, ProcessId } from "../../src/domain/Brands.ts"
import type { Moment } from "../../src/domain/Moment.ts"
import { carriedFor } from "../../src/session/carried.ts"
import { verifySession } from "../../src/session/verifySession.ts"
import {
  beginning,
  booted,
  collective,
  everything,
  exited,
  folder,
  recordedOf,
  requested,
  sessionOf,
  started,
} from "./given.ts"

const at = (position: number): Moment => ({ _tag: "AtPosition", position: Position(position) })

interface Line {
  readonly position: number
  readonly type: string
  readonly carried?: boolean
}

const linesOf = (bytes: Buffer) => {
  const [first = "", ...rest] = bytes.toString().trimEnd().split("\n")
  return {
    header: JSON.parse(first) as { from: number; to: number; types?: ReadonlyArray<string> },
    events: rest.slice(0, -1).map((line) => JSON.parse(line) as Line),
    end: JSON.parse(rest.at(-1) ?? "") as { count: number; absent?: number },
  }
}

describe("a slice", () => {
  it.scoped(
    "begins with the agent's start, the boots of processes that live and the collectives under way, marked as carried",
    () =>
      Effect.gen(function* () {
        const bytes = yield* sessionOf(everything(40), { from: at(20), to: at(30) })
        const { header, events, end } = linesOf(bytes)
        expect(header).toMatchObject({ from: 20, to: 30 })
        expect(events.filter(({ carried }) => carried === true).map(({ position, type }) => [position, type])).toEqual([
          [1, "AgentStarted"],
          [2, "ProcessBootRequested"],
          [3, "ProcessBooted"],
          ...[16, 17, 18, 19].map((position) => [position, "CollectiveStarted"]),
        ])
        expect(events.filter(({ carried }) => carried === undefined).map(({ position }) => position)).toEqual([
          20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
        ])
        expect(end).toMatchObject({ count: 18 })
        expect(end.absent).toBeUndefined()
        const { file } = yield* folder
        expect(yield* verifySession(file("slice.ndjson", bytes))).toMatchObject({ intact: true, from: 20, to: 30 })
      }),
  )

  it.effect("carries nothing when it begins at the beginning", () =>
    Effect.gen(function* () {
      const { events } = linesOf(yield* sessionOf(everything(10), { to: at(5) }))
      expect(events.map(({ position, carried }) => [position, carried])).toEqual(
        [1, 2, 3, 4, 5].map((one) => [one, undefined]),
      )
    }),
  )

  it.scoped("of some types counts what it left out, and is intact", () =>
    Effect.gen(function* () {
      const bytes = yield* sessionOf(everything(40), { types: ["ProcessExited", "AgentStarted"] })
      const { header, events, end } = linesOf(bytes)
      expect(header.types).toEqual(["ProcessExited", "AgentStarted"])
      expect(events.map(({ position }) => position)).toEqual([1, 7])
      expect(end).toMatchObject({ count: 2, absent: 38 })
      const { file } = yield* folder
      expect(yield* verifySession(file("filtered.ndjson", bytes))).toMatchObject({ intact: true, events: 2 })
    }),
  )

  it.effect("goes by time and by spans back from the last event", () =>
    Effect.gen(function* () {
      const events = everything(100)
      const between = yield* sessionOf(events, {
        from: { _tag: "AtTime", micros: beginning + 2_000_000 },
        to: { _tag: "AtTime", micros: beginning + 3_000_000 },
      })
      expect(linesOf(between).header).toMatchObject({ from: 21, to: 30 })
      const back = yield* sessionOf(events, { from: { _tag: "Ago", micros: 1_000_000 } })
      expect(linesOf(back).header).toMatchObject({ from: 90, to: 100 })
    }),
  )

  it.effect("of an empty log holds nothing and is whole", () =>
    Effect.gen(function* () {
      expect(linesOf(yield* sessionOf([]))).toMatchObject({ header: { from: 1, to: 0 }, events: [], end: { count: 0 } })
    }),
  )

  it.effect("is refused with what would be right", () =>
    Effect.gen(function* () {
      const refusal = (request: Parameters<typeof sessionOf>[1]) =>
        Effect.map(Effect.flip(sessionOf(everything(10), request)), ({ reason }) => reason)
      expect(yield* refusal({ to: at(11) })).toBe("position 11 is not written yet; the last one is 10")
      expect(yield* refusal({ from: at(7), to: at(3) })).toBe(
        "the range is empty: it begins at position 7 and ends at 3",
      )
      expect(yield* refusal({ types: ["ProcesBooted"] })).toMatch(
        /^"ProcesBooted" is no type of event; there are AgentStarted, /,
      )
    }),
  )
})

describe("what is carried", () => {
  it("is the last word on every process that may live", () => {
    const adopted = { ...booted("old"), _tag: "ProcessAdopted" } as ReturnType<typeof booted>
    const events = recordedOf([
      started,
      requested("old"),
      booted("old"),
      requested("gone"),
      booted("gone"),
      exited("gone"),
      { _tag: "ProcessBootFailed", process: ProcessId("never"), reason: "no" },
      requested("asked"),
      collective(1),
      started,
      adopted,
      collective(2),
      { ...collective(2), _tag: "CollectiveFinished", endTime: 2000 } as ReturnType<typeof collective>,
    ])
    expect(carriedFor(events).map(({ position }) => position)).toEqual([2, 8, 9, 10, 11])
  })

  it("is nothing before the beginning", () => {
    expect(carriedFor([])).toEqual([])
  })
})
