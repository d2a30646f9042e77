import { describe, expect, it } from "vitest"
import * as Flows from "../../../src/domain/flows/Flows.ts"
import { framesOf, localOf, scopeOf } from "../../../src/domain/flows/variables.ts"
import { judge } from "../../../src/domain/flows/checkpoint.ts"
import { issues } from "../../../src/domain/flows/validate.ts"
import {
  asked,
  breakpoint,
  called,
  classes,
  classesFound,
  defined,
  definition,
  emitted,
  ended,
  failed,
  finished,
  given,
  running,
  started,
  use,
} from "./given.ts"

const job = "j1"
const ingested = [...running, called(1, "ingest", "trigger"), emitted(1, "ingest", "data_ingested", { data: [1] })]

describe("the state of a job", () => {
  it("waits with its entry call", () => {
    expect(given(classesFound, defined, asked).waiting()).toEqual([[1, "ingest", { data: [1, 2, 3] }]])
    expect(given(classesFound, defined, asked).job().status).toBe("pending")
    expect(given(...running).job().status).toBe("running")
  })

  it("lets a held emission take effect when its call has ended", () => {
    expect(given(...ingested).waiting()).toEqual([])
    expect(given(...ingested, ended(1, "ingest")).waiting()).toEqual([[2, "process", { data: [1] }]])
  })

  it("drops what a call had emitted when the same call is made again", () => {
    const again = given(...ingested, called(1, "ingest", "trigger", 2), ended(1, "ingest"))
    expect(again.waiting()).toEqual([])
    expect(again.job().slotCalls).toBe(2)
  })

  it("queues at once what a call emits that is never made again", () => {
    const events = [
      ...running,
      called(1, "ingest", "trigger"),
      emitted(1, "ingest", "data_ingested", { data: [1] }, false),
    ]
    expect(given(...events).waiting()).toEqual([[2, "process", { data: [1] }]])
  })

  it("knows a call by its end alone, where its beginning was not written", () => {
    const events = [...running, emitted(1, "ingest", "data_ingested", { data: [1] }), ended(1, "ingest")]
    expect(given(...events).waiting()).toEqual([[2, "process", { data: [1] }]])
  })

  it("renames the parameters that a connection maps, and leaves the others", () => {
    const events = [
      ...ingested,
      ended(1, "ingest"),
      called(2, "process", "data_ingested"),
      emitted(2, "process", "data_processed", { outcome: 3, more: 4 }),
      ended(2, "process"),
    ]
    expect(given(...events).waiting()).toEqual([[3, "validate", { result: 3, more: 4 }]])
  })

  it("gathers what reaches a slot that appends", () => {
    const gathering = {
      ...definition,
      routines: { ingest: use("demo.Ingest"), gather: use("demo.Gather") },
      connections: [{ ...definition.connections[0]!, targetRoutine: "gather", targetSlot: "items" }],
    }
    const events = [
      classesFound,
      { _tag: "FlowDefined", flow: "demo", definition: gathering } as const,
      asked,
      started,
      called(1, "ingest", "trigger"),
      emitted(1, "ingest", "data_ingested", { n: 1 }),
      emitted(1, "ingest", "data_ingested", { n: 2, m: "x" }),
      ended(1, "ingest"),
    ]
    expect(
      given(...events)
        .waiting()
        .map(([, , input]) => input),
    ).toEqual([{ n: [1] }, { n: [1, 2], m: ["x"] }])
  })

  it("puts a call that is retried before all others", () => {
    const events = [...running, called(1, "ingest", "trigger"), failed(1, "ingest", "retry")]
    expect(given(...events).job().queue[0]).toMatchObject({ number: 1, attempt: 2 })
    expect(given(...events).job().errors).toHaveLength(1)
  })

  it("counts calls, errors and times by routine", () => {
    const state = given(
      ...ingested,
      ended(1, "ingest"),
      called(2, "process", "data_ingested"),
      failed(2, "process", "skip"),
    )
    expect(state.job().tallies.get("ingest")).toMatchObject({
      calls: 1,
      errors: 0,
      totalMicros: 100,
      state: "completed",
    })
    expect(state.job().tallies.get("process")).toMatchObject({ calls: 1, errors: 1, state: "skipped" })
  })

  it("keeps the flow that it began with", () => {
    const state = given(...running, { _tag: "RoutineRemoved", flow: "demo", routine: "process" })
    expect(Object.keys(state.state.flows.get("demo")?.definition.routines ?? {})).toEqual(["ingest", "validate"])
    expect(Object.keys(state.job().definition.routines)).toEqual(["ingest", "process", "validate"])
  })

  it("is empty once it is over, whatever still comes", () => {
    const state = given(...ingested, finished("cancelled"), ended(1, "ingest"))
    expect(state.job()).toMatchObject({ status: "cancelled", head: 0, queue: [] })
    expect(state.job().running.size).toBe(0)
  })

  it("copies without ties", () => {
    const { state } = given(...ingested)
    const copied = Flows.copy(state)
    Flows.apply(state, { _tag: "JobFinished", job, status: "completed", error: null }, 1)
    expect(copied.jobs.get(job)?.status).toBe("running")
    expect(copied.jobs.get(job)?.held.get(1)).toHaveLength(1)
  })
})

describe("a job that stands still", () => {
  const at = { kind: "call", call: 2, routine: "process", slot: "data_ingested", event: null, depth: 1 } as const
  const paused = [
    ...ingested,
    ended(1, "ingest", { counter: 5 }),
    { _tag: "JobPaused", job, reason: "breakpoint", breakpoint: "b1", at } as const,
  ]

  it("shows the call's input as local and the job's data as shared", () => {
    const state = given(...paused).job()
    expect(localOf(state)).toEqual({ data: [1] })
    expect(state.shared).toEqual({ counter: 5 })
    expect([scopeOf(state, "data"), scopeOf(state, "counter"), scopeOf(state, "new")]).toEqual([
      "local",
      "shared",
      "local",
    ])
  })

  it("shows the call with the line of its handler", () => {
    expect(framesOf(given(...paused).job())).toEqual([
      { routine: "process", slot: "data_ingested", event: null, line: 42, variables: ["data"] },
      { routine: "ingest", slot: "trigger", event: null, line: null, variables: [] },
    ])
  })

  it("sees what was set", () => {
    const set = { _tag: "VariableSet", job, value: 10 } as const
    const state = given(
      ...paused,
      { ...set, name: "data", scope: "local" },
      { ...set, name: "counter", scope: "shared" },
    )
    expect(state.waiting()).toEqual([[2, "process", { data: 10 }]])
    expect(state.job().shared).toEqual({ counter: 10 })
  })

  it("does not stop again where it was resumed", () => {
    const set = { _tag: "BreakpointSet", job, breakpoint: breakpoint() } as const
    expect(judge(given(...ingested, set).job(), at, {}).stop).toEqual({ reason: "breakpoint", breakpoint: "b1" })
    expect(judge(given(...paused, set, { _tag: "JobResumed", job }).job(), at, {}).stop).toBe(null)
  })
})

describe("a checkpoint", () => {
  const at = { kind: "call", call: 7, routine: "process", slot: "data_ingested", event: null, depth: 1 } as const
  const emission = { ...at, kind: "event", event: "data_processed" } as const
  const withBreakpoint = (fields: object) =>
    given(...running, { _tag: "BreakpointSet", job, breakpoint: breakpoint(fields) }).job()
  const stepped = (mode: "over" | "into", depth: number) =>
    given(
      ...running,
      { _tag: "BreakpointSet", job, breakpoint: breakpoint() },
      { _tag: "JobStepped", job, mode, depth },
    ).job()

  it("stops at a slot, at any slot of a routine, or at an event", () => {
    expect(judge(withBreakpoint({}), at, {}).stop?.breakpoint).toBe("b1")
    expect(judge(withBreakpoint({ slot: "other" }), at, {}).stop).toBe(null)
    expect(judge(withBreakpoint({ type: "routine", slot: null }), at, {}).stop?.breakpoint).toBe("b1")
    expect(judge(withBreakpoint({ type: "event", event: "data_processed" }), at, {}).stop).toBe(null)
    expect(judge(withBreakpoint({ type: "event", event: "data_processed" }), emission, {}).stop?.breakpoint).toBe("b1")
    expect(judge(withBreakpoint({ enabled: false }), at, {}).stop).toBe(null)
  })

  it("asks the condition, with the payload's own keys first", () => {
    const asks = (condition: string, data: object) =>
      judge(withBreakpoint({ condition }), at, data as Record<string, unknown>).stop !== null
    expect(asks("data['value'] > 100", { value: 101 })).toBe(true)
    expect(asks("value > 100 and routine_id == 'process'", { value: 101 })).toBe(true)
    expect(asks("data == 5", { data: 5 })).toBe(true)
    expect(asks("absent > 1", {})).toBe(false)
    expect(asks("job_state['status'] == 'running' and config == shared_data", {})).toBe(true)
  })

  it("writes a logpoint and runs on", () => {
    const { passed, stop } = judge(withBreakpoint({ log: "n={n} {{}} {absent}" }), at, { n: 1.5 })
    expect([passed, stop]).toEqual([[{ breakpoint: "b1", text: "n=1.5 {} ?" }], null])
  })

  it("lets the first hits pass", () => {
    const state = given(...running, { _tag: "BreakpointSet", job, breakpoint: breakpoint({ passes: 1 }) })
    expect(judge(state.job(), at, {})).toEqual({ passed: [{ breakpoint: "b1", text: null }], stop: null })
    Flows.apply(state.state, { _tag: "BreakpointPassed", job, call: 7, breakpoint: "b1", text: null }, 1)
    expect(judge(state.job(), { ...at, call: 8 }, {}).stop?.breakpoint).toBe("b1")
  })

  it("is passed deeper than a step over, and stops at the same level", () => {
    expect(judge(stepped("over", 0), at, {}).stop).toBe(null)
    expect(judge(stepped("over", 1), { ...at, routine: "other" }, {}).stop).toEqual({
      reason: "step",
      breakpoint: null,
    })
    expect(judge(stepped("over", 1), { ...emission, routine: "other" }, {}).stop).toBe(null)
  })

  it("stops a step into anywhere", () => {
    expect(judge(stepped("into", 0), { ...emission, routine: "other" }, {}).stop?.reason).toBe("step")
    expect(judge(stepped("into", 0), { ...at, depth: 9, routine: "other" }, {}).stop?.reason).toBe("step")
  })
})

describe("what is to say of a definition", () => {
  const known = new Map(classes.map((one) => [one.name, one]))
  const gather = use("demo.Gather")
  const link = (id: string, from: string, to: string) => ({
    id,
    sourceRoutine: from,
    sourceEvent: "any",
    targetRoutine: to,
    targetSlot: "items",
    mapping: null,
  })

  it("is nothing of a sound one", () => expect(issues(definition, known)).toEqual([]))

  it("names circles and routines that stand alone", () => {
    const circle = {
      ...definition,
      routines: { a: gather, b: gather, c: gather, lone: gather },
      connections: [link("1", "a", "b"), link("2", "b", "c"), link("3", "c", "b")],
    }
    expect(issues(circle, known)).toEqual(["Circle: b → c → b", "Routine 'lone' is connected to nothing"])
  })
})
