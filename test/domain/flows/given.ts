// given/when/then for flows: the example flow of three routines, and a job of it.

import { Either } from "effect"
import { expect } from "vitest"
import { CommandId } from "../../../src/domain/Brands.ts"
import type { FlowDefinition, FlowEvent, RoutineClass } from "../../../src/domain/events/FlowEvents.ts"
import type { Breakpoint, JobEvent } from "../../../src/domain/events/JobEvents.ts"
import { decide } from "../../../src/domain/flows/decide.ts"
import type { FlowCommand } from "../../../src/domain/flows/FlowCommand.ts"
import * as Flows from "../../../src/domain/flows/Flows.ts"
import { type Job, queued } from "../../../src/domain/flows/Job.ts"
import { fold } from "../given.ts"

export const id = CommandId("c1")

const slot = (merge: "override" | "append" = "override") => ({ merge, line: null })

export const classes: ReadonlyArray<RoutineClass> = [
  { name: "demo.Ingest", kind: "module", slots: { trigger: slot() }, events: ["data_ingested"], repeatable: true },
  {
    name: "demo.Process",
    kind: "module",
    slots: { data_ingested: { merge: "override", line: 42 } },
    events: ["data_processed"],
    repeatable: false,
  },
  { name: "demo.Validate", kind: "module", slots: { data_processed: slot() }, events: [], repeatable: true },
  { name: "demo.Gather", kind: "module", slots: { items: slot("append") }, events: ["*"], repeatable: true },
]

export const use = (className: string) => ({ className, config: {}, errorHandler: null })

export const definition: FlowDefinition = {
  routines: { ingest: use("demo.Ingest"), process: use("demo.Process"), validate: use("demo.Validate") },
  connections: [
    {
      id: "1",
      sourceRoutine: "ingest",
      sourceEvent: "data_ingested",
      targetRoutine: "process",
      targetSlot: "data_ingested",
      mapping: null,
    },
    {
      id: "2",
      sourceRoutine: "process",
      sourceEvent: "data_processed",
      targetRoutine: "validate",
      targetSlot: "data_processed",
      mapping: { outcome: "result" },
    },
  ],
  strategy: "sequential",
  maxWorkers: 1,
  timeoutSeconds: null,
  monitored: true,
  durable: true,
}

type FlowsEvent = FlowEvent | JobEvent

export const classesFound: FlowsEvent = { _tag: "RoutineClassesFound", classes }
export const defined: FlowsEvent = { _tag: "FlowDefined", flow: "demo", definition }
export const asked: FlowsEvent = {
  _tag: "JobRequested",
  job: "j1",
  flow: "demo",
  routine: "ingest",
  slot: "trigger",
  input: { data: [1, 2, 3] },
  origin: null,
}
export const started: FlowsEvent = { _tag: "JobStarted", job: "j1", monitored: true, durable: true }
export const called = (call: number, routine: string, slot: string, attempt = 1): FlowsEvent => ({
  _tag: "SlotCalled",
  job: "j1",
  call,
  routine,
  slot,
  attempt,
})
export const emitted = (call: number, routine: string, event: string, data: object, held = true): FlowsEvent => ({
  _tag: "EventEmitted",
  job: "j1",
  call,
  routine,
  event,
  data: data as Record<string, unknown>,
  held,
})
export const ended = (call: number, routine: string, shared: Record<string, unknown> | null = null): FlowsEvent => ({
  _tag: "RoutineFinished",
  job: "j1",
  call,
  routine,
  durationMicros: 100,
  result: null,
  shared,
})
export const failed = (call: number, routine: string, outcome: "stop" | "continue" | "retry" | "skip"): FlowsEvent => ({
  _tag: "RoutineFailed",
  job: "j1",
  call,
  routine,
  durationMicros: 100,
  error: { type: "Error", message: "no", line: null },
  outcome,
})
export const finished = (status: "completed" | "failed" | "cancelled"): FlowsEvent => ({
  _tag: "JobFinished",
  job: "j1",
  status,
  error: null,
})
export const breakpoint = (fields: Partial<Breakpoint> = {}): Breakpoint => ({
  id: "b1",
  type: "slot",
  routine: "process",
  slot: "data_ingested",
  event: null,
  condition: null,
  log: null,
  passes: 0,
  enabled: true,
  ...fields,
})

export const running = [classesFound, defined, asked, started]

export const given = (...events: ReadonlyArray<FlowsEvent>) => {
  const state = fold(Flows, events)
  return {
    state,
    job: (): Job => {
      const job = state.jobs.get("j1")
      if (job === undefined) throw new Error("there is no job j1")
      return job
    },
    waiting: () => {
      const job = state.jobs.get("j1")
      return job === undefined
        ? []
        : job.queue.slice(job.head, job.head + queued(job)).map((one) => [one.number, one.routine, one.input] as const)
    },
    when: (command: FlowCommand) => {
      const decision = decide(state, command)
      return {
        then: (...expected: ReadonlyArray<FlowsEvent>) => expect(decision).toEqual(Either.right(expected)),
        thenRejected: (tag: string, message: string | RegExp) => {
          expect(Either.isLeft(decision) ? decision.left._tag : "accepted").toBe(tag)
          if (Either.isLeft(decision)) expect(decision.left.message).toMatch(message)
        },
      }
    },
  }
}
