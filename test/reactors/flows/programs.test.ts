// Routines that are programs of their own: Python through the helper, and a shell script that speaks JSON lines.

import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { describe, expect } from "vitest"
import { agent, define, eventsOf, over, start } from "./harness.ts"

const helper = fileURLToPath(new URL("../../../reporters/annalist_flows.py", import.meta.url))
const isThere = spawnSync("python3", ["--version"]).status === 0
const withPython = agent({ python: { command: "python3", helper } })

const pipeline = {
  routines: { ingest: "pipeline.Ingest", process: "pipeline.Process", validate: "pipeline.Validate" },
  connections: ["ingest.data_ingested > process.data_ingested", "process.data_processed > validate.data_processed"],
}

describe.skipIf(!isThere)(`the example in Python${isThere ? "" : " (wants python3)"}`, () => {
  it.live("runs as its classes are written", () =>
    Effect.gen(function* () {
      yield* define("data_processing", pipeline)
      yield* start("j", "data_processing", { routine: "ingest", slot: "trigger", input: { data: [1, 2, 3, 4, 5] } })
      const job = yield* over("j")
      expect(job).toMatchObject({ status: "completed", slotCalls: 3, shared: { processed: 5 } })
      expect(job.classes.get("pipeline.Ingest")).toMatchObject({ slots: { trigger: { line: 11 } }, events: ["*"] })
      expect((yield* eventsOf("j")).findLast(({ _tag }) => _tag === "RoutineFinished")).toMatchObject({
        routine: "validate",
        result: { valid: true },
      })
    }).pipe(Effect.provide(withPython)),
  )

  it.live("tells an exception with its line", () =>
    Effect.gen(function* () {
      yield* define("data_processing", pipeline)
      yield* start("j", "data_processing", { routine: "validate", slot: "data_processed", input: { result: [-1] } })
      expect(yield* over("j")).toMatchObject({
        status: "failed",
        error: { type: "ValueError", message: "not all are positive", line: 39 },
      })
    }).pipe(Effect.provide(withPython)),
  )
})

describe("a program that speaks JSON lines", () => {
  const run = (className: string, input: Record<string, unknown> = {}) =>
    Effect.gen(function* () {
      yield* define("f", {
        routines: { run: { className, config: { timeout: 0.5 } }, sink: "odd.Sink" },
        connections: className === "shell.Upper" ? ["run.output > sink.run"] : [],
      })
      yield* start("j", "f", { slot: "input", input })
      return yield* over("j")
    })

  it.live("takes a call and emits", () =>
    Effect.gen(function* () {
      expect(yield* run("shell.Upper", { text: "quiet" })).toMatchObject({ status: "completed", slotCalls: 2 })
      const emitted = (yield* eventsOf("j")).find(({ _tag }) => _tag === "EventEmitted")
      expect(emitted).toMatchObject({ event: "output", data: { text: "QUIET" } })
    }).pipe(Effect.provide(agent())),
  )

  it.live.each([
    ["Garbage", "ProtocolError", /it wrote "this is no JSON": it is not JSON/],
    ["Loud", "ProtocolError", /too long/],
    ["Quits", "HostLost", /it ended with 3/],
    ["Hangs", "TimedOut", /too long/],
  ] as const)("fails its job when it misbehaves: %s", ([name, type, message]) =>
    Effect.gen(function* () {
      const job = yield* run(`shell.${name}`)
      expect(job.error?.type).toBe(type)
      expect(job.error?.message).toMatch(message)
    }).pipe(Effect.provide(agent())),
  )
})
