// Profiles as they are asked for, and proplets without end.

import { Either } from "effect"
import { describe, expect, it } from "vitest"
import * as Profile from "../../src/domain/tasks/Profile.ts"
import * as Proplets from "../../src/domain/tasks/Proplets.ts"
import type { Event } from "../../src/domain/Event.ts"
import { envelopes } from "./given.ts"

describe("a monitoring profile", () => {
  const usual = Profile.usual("standard", false)
  const read = (written: unknown) => Either.getOrThrow(Profile.read(written, usual))

  it("is the agent's own, and for a daemon a slow one", () => {
    expect(usual).toMatchObject({ intervalSeconds: 10, history: 100 })
    expect(Profile.usual("standard", true)).toMatchObject({ intervalSeconds: 120, history: 500 })
    expect(Profile.usual("disabled", true).enabled).toBe(false)
  })

  it("has the seed's numbers by name", () => {
    const numbers = ["standard", "minimal", "intensive", "batch_processing", "realtime_api", "long_running_daemon"].map(
      (name) => {
        const { intervalSeconds, disk, network, threads, descriptors, exported, history } = read(name)
        return [intervalSeconds, disk, network, threads, descriptors, exported, history]
      },
    )
    expect(numbers).toEqual([
      [10, true, true, true, true, true, 100],
      [60, false, false, false, false, false, 0],
      [1, true, true, true, true, true, 1000],
      [30, true, false, false, false, true, 200],
      [5, false, true, true, true, true, 500],
      [120, true, true, true, true, true, 500],
    ])
  })

  it("takes nanoseconds from Go and seconds from Rust", () => {
    expect(read({ interval: 5_000_000_000 }).intervalSeconds).toBe(5)
    expect(read({ interval: 5 }).intervalSeconds).toBe(5)
    expect(read({ retain_history: false, history_size: 200 }).history).toBe(0)
  })
})

describe("ten thousand proplets", () => {
  it("are bounded, and the longest silent go first", () => {
    const report = (proplet: string, task: string | null): Event => ({
      _tag: "PropletReported",
      proplet,
      kind: task === null ? "metrics" : "task_metrics",
      task,
      payload: JSON.stringify({ proplet, task }),
    })
    const told = Array.from({ length: 30 }, () => report("first", null))
    const many = Array.from({ length: 12_000 }, (_, index) => [
      report(`p-${index}`, null),
      report(`p-${index}`, `t-${index}`),
    ])
    const state = envelopes([...told, ...many.flat()], 1).reduce(Proplets.evolve, Proplets.initial())
    expect([state.byId.size, state.tasks.size]).toEqual([10_000, 10_000])
    expect(state.byId.has("first")).toBe(false)
    const more = Array.from({ length: 30 }, () => report("p-11999", null))
    const after = envelopes(more, 1).reduce(Proplets.evolve, state)
    expect(after.byId.get("p-11999")?.metrics.length).toBe(10)
  })
})
