import { describe, expect, it } from "vitest"
import { layoutOf } from "../../src/web/flows/layout.ts"
import type { FlowAnswer, TraceEntry } from "../../src/web/flows/questions.ts"
import { callsOf } from "../../src/web/flows/calls.ts"

const flow = (names: ReadonlyArray<string>, ...connections: ReadonlyArray<readonly [string, string]>): FlowAnswer => ({
  flow_id: "f",
  routines: Object.fromEntries(
    names.map((name) => [name, { routine_id: name, class_name: name, slots: [], events: [], config: {} }]),
  ),
  connections: connections.map(([from, to], index) => ({
    connection_id: String(index),
    index,
    source_routine: from,
    source_event: "out",
    target_routine: to,
    target_slot: "in",
    param_mapping: {},
  })),
  execution_strategy: "sequential",
  max_workers: 1,
  timeout: 300,
  monitoring: true,
  durable: true,
  created_at: null,
  updated_at: null,
})
const places = (answer: FlowAnswer) => layoutOf(answer).map(({ routine, column, row }) => `${routine}${column}${row}`)

describe("the picture of a flow", () => {
  it("puts each routine right of all that lead to it, those of one column below each other", () => {
    const diamond = flow(["a", "b", "c", "d"], ["a", "b"], ["a", "c"], ["b", "d"], ["c", "d"], ["a", "d"])
    expect(places(diamond)).toEqual(["a00", "b10", "c11", "d20"])
  })
  it("has an end where the flow is a circle, and leaves out nobody", () => {
    expect(places(flow(["a", "b", "c"], ["a", "b"], ["b", "c"], ["c", "a"]))).toEqual(["a00", "b10", "c20"])
    expect(places(flow(["a", "b"], ["a", "a"]))).toEqual(["a00", "b01"])
  })
})

const entry = (over: Partial<TraceEntry> & { readonly millis: number }): TraceEntry => ({
  event_id: "e",
  job_id: "j",
  routine_id: "ingest",
  event_type: "routine_start",
  timestamp: new Date(over.millis).toISOString(),
  data: {},
  duration: null,
  status: "running",
  position: 5 as TraceEntry["position"],
  call: 1,
  ...over,
})

describe("a trace", () => {
  it("reads as calls: begun, called, emitting, ended", () => {
    const calls = callsOf([
      entry({ millis: 1_000 }),
      entry({ millis: 1_000, event_type: "slot_call", data: { slot: "trigger" } }),
      entry({ millis: 1_004, event_type: "event_emit", data: { event: "out" }, status: "completed" }),
      entry({ millis: 1_010, event_type: "routine_end", duration: 0.01, status: "completed" }),
      entry({ millis: 1_011, call: 2, routine_id: "validate" }),
    ])
    expect(calls.map(({ routine, slot, start, end, status }) => [routine, slot, start, end, status])).toEqual([
      ["ingest", "trigger", 1_000_000, 1_010_000, "completed"],
      ["validate", "", 1_011_000, null, "running"],
    ])
    expect(calls[0]?.emissions).toEqual([{ at: 1_004_000, event: "out" }])
  })
  it("cut off at its beginning knows the call by its end, as long before as it took", () => {
    const [call] = callsOf([entry({ millis: 2_000, event_type: "routine_end", duration: 0.5, status: "failed" })])
    expect([call?.start, call?.end, call?.status]).toEqual([1_500_000, 2_000_000, "failed"])
  })
})
