import { describe, expect, it } from "vitest"
import * as Steps from "../../../src/domain/flows/Steps.ts"
import { envelopes, fold } from "../given.ts"
import { called, emitted, ended, failed, running } from "./given.ts"

const job = "j1"
const steps = [
  ...running,
  called(1, "ingest", "trigger"),
  emitted(1, "ingest", "data_ingested", { n: 1 }),
  ended(1, "ingest"),
]

describe("the trace of a job", () => {
  it("shows a call as its start, its slot and its end", () => {
    const entries = envelopes([
      ...steps,
      called(2, "process", "data_ingested"),
      failed(2, "process", "continue"),
    ]).flatMap(Steps.entries)
    expect(entries.map(({ type, routine, status }) => [type, routine, status])).toEqual([
      ["routine_start", "ingest", "running"],
      ["slot_call", "ingest", "running"],
      ["event_emit", "ingest", "completed"],
      ["routine_end", "ingest", "completed"],
      ["routine_start", "process", "running"],
      ["slot_call", "process", "running"],
      ["routine_end", "process", "failed"],
    ])
  })

  it("is found in the log from its last events backwards", () => {
    const state = fold(Steps, steps)
    expect(state.jobs.get(job)?.recorded).toBe(4)
    expect(Steps.rangeOf(state, job, 2)).toEqual({ from: 6, to: 7 })
    expect(Steps.rangeOf(state, job, 1000)).toEqual({ from: 5, to: 7 })
    expect(Steps.rangeOf(state, "gone", 1000)).toBe(null)
  })

  it("keeps a ring of places, whose length can be set, while it counts all", () => {
    const calls = Array.from({ length: 50 }, (_, n) => called(n + 1, "ingest", "trigger"))
    const state = fold(Steps, [
      ...running,
      { _tag: "MonitoringSwitched", enabled: true, maxEventsPerJob: 10 },
      ...calls,
    ])
    expect(state.jobs.get(job)?.recorded).toBe(100)
    expect(state.jobs.get(job)?.positions.length).toBeLessThan(20)
    const range = Steps.rangeOf(state, job, 1000)
    expect((range?.to ?? 0) - (range?.from ?? 0)).toBe(9)
  })
})
