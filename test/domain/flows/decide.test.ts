import { describe, it } from "vitest"
import type { FlowCommand } from "../../../src/domain/flows/FlowCommand.ts"
import {
  asked,
  breakpoint,
  classes,
  classesFound,
  defined,
  definition,
  finished,
  given,
  id,
  running,
  started,
  use,
} from "./given.ts"

const flow = "demo"
const job = "j1"
const define: FlowCommand = { _tag: "DefineFlow", id, flow, definition, replace: false }
const start: FlowCommand = {
  _tag: "StartJob",
  id,
  flow,
  job,
  routine: "ingest",
  slot: "trigger",
  input: { data: [1, 2, 3] },
  origin: null,
  paused: false,
  breakpoints: [],
}
const paused = { _tag: "JobPaused", job, reason: "asked", breakpoint: null, at: null } as const

describe("deciding about a flow", () => {
  it("defines one that is sound, once", () => {
    given(classesFound).when(define).then(defined)
    given(classesFound, defined).when(define).thenRejected("FlowAlreadyExists", "Flow 'demo' already exists")
  })

  it("replaces one whose file changed, and leaves it when it did not", () => {
    given(classesFound, defined)
      .when({ ...define, replace: true })
      .then()
    const changed = { ...definition, maxWorkers: 4 }
    given(classesFound, defined)
      .when({ ...define, definition: changed, replace: true })
      .then({ _tag: "FlowDefined", flow, definition: changed })
  })

  it("refuses unknown classes, dangling connections and wrong names of slots and events", () => {
    const wrong = (changes: object) => ({ ...define, definition: { ...definition, ...changes } }) as FlowCommand
    const [first] = definition.connections
    given(classesFound)
      .when(wrong({ routines: { a: use("demo.Nowhere") }, connections: [] }))
      .thenRejected("FlowUnsound", "Routine 'a': unknown class 'demo.Nowhere'")
    given(classesFound)
      .when(wrong({ connections: [{ ...first, targetRoutine: "gone" }] }))
      .thenRejected("FlowUnsound", "no routine 'gone'")
    given(classesFound)
      .when(wrong({ connections: [{ ...first, targetSlot: "gone" }] }))
      .thenRejected("FlowUnsound", "'process' has no slot 'gone'")
    given(classesFound)
      .when(wrong({ connections: [{ ...first, sourceEvent: "gone" }] }))
      .thenRejected("FlowUnsound", "'ingest' has no event 'gone'")
  })

  it("adds and removes routines and connections", () => {
    given(classesFound, defined)
      .when({ _tag: "AddRoutine", id, flow, routine: "more", use: use("demo.Gather") })
      .then({ _tag: "RoutineAdded", flow, routine: "more", use: use("demo.Gather") })
    given(classesFound, defined)
      .when({ _tag: "AddRoutine", id, flow, routine: "ingest", use: use("demo.Gather") })
      .thenRejected("RoutineAlreadyExists", "Routine 'ingest' already exists")
    given(classesFound, defined)
      .when({ _tag: "RemoveConnection", id, flow, index: 1 })
      .then({ _tag: "ConnectionRemoved", flow, connection: "2" })
    given(classesFound, defined)
      .when({ _tag: "RemoveConnection", id, flow, index: 2 })
      .thenRejected("ConnectionNotFound", "Connection 2 not found")
    given(classesFound, defined)
      .when({ _tag: "AddConnection", id, flow, connection: definition.connections[0]! })
      .then()
  })

  it("notes new classes only when they changed", () => {
    given(classesFound).when({ _tag: "ReportClasses", id, classes }).then()
    given().when({ _tag: "ReportClasses", id, classes }).then(classesFound)
  })
})

describe("deciding about a job", () => {
  it("asks for a job of a flow that is there", () => {
    given(classesFound, defined).when(start).then(asked)
    given(classesFound).when(start).thenRejected("FlowNotFound", "Flow 'demo' not found")
    given(classesFound, defined)
      .when({ ...start, routine: "gone" })
      .thenRejected("RoutineNotFound", "Routine 'gone' not found")
    given(classesFound, defined)
      .when({ ...start, slot: "gone" })
      .thenRejected("SlotNotFound", "Routine 'ingest' has no slot 'gone' (it has: trigger)")
    given(...running)
      .when(start)
      .thenRejected("JobAlreadyExists", "Job 'j1' already exists")
  })

  it("begins one that waits for its debugger with its breakpoints set", () => {
    given(classesFound, defined)
      .when({ ...start, paused: true, breakpoints: [breakpoint()] })
      .then(asked, { _tag: "BreakpointSet", job, breakpoint: breakpoint() }, { _tag: "JobPauseRequested", job })
  })

  it("pauses once, and resumes or steps only what is paused or about to be", () => {
    given(...running)
      .when({ _tag: "PauseJob", id, job })
      .then({ _tag: "JobPauseRequested", job })
    given(...running, { _tag: "JobPauseRequested", job })
      .when({ _tag: "PauseJob", id, job })
      .then()
    given(...running)
      .when({ _tag: "ResumeJob", id, job })
      .thenRejected("JobNotPaused", "Job 'j1' is not paused")
    given(...running, paused)
      .when({ _tag: "StepJob", id, job, mode: "over" })
      .then({ _tag: "JobStepRequested", job, mode: "over" })
  })

  it("asks nothing of a job that is over", () => {
    const over = [...running, finished("completed")]
    for (const _tag of ["PauseJob", "ResumeJob", "CancelJob"] as const) {
      given(...over)
        .when({ _tag, id, job })
        .thenRejected("JobIsOver", "Job 'j1' is completed")
    }
    given(...running)
      .when({ _tag: "CancelJob", id, job: "j2" })
      .thenRejected("JobNotFound", "Job 'j2' not found")
  })

  it("checks a breakpoint when it is set", () => {
    const set = (fields: object): FlowCommand => ({ _tag: "SetBreakpoint", id, job, breakpoint: breakpoint(fields) })
    const sound = breakpoint({ condition: "data['value'] > 100" })
    given(...running)
      .when({ _tag: "SetBreakpoint", id, job, breakpoint: sound })
      .then({ _tag: "BreakpointSet", job, breakpoint: sound })
    given(...running)
      .when(set({ condition: "__import__('os')" }))
      .thenRejected("BreakpointUnsound", "condition, at character 1: __import__ is not a name")
    given(...running)
      .when(set({ log: "value {1 +}" }))
      .thenRejected("BreakpointUnsound", "log, at character 11: it ends too early")
    given(...running)
      .when(set({ routine: "gone" }))
      .thenRejected("RoutineNotFound", "Routine 'gone' not found")
    given(...running)
      .when({ _tag: "RemoveBreakpoint", id, job, breakpoint: "b9" })
      .thenRejected("BreakpointNotFound", "Breakpoint 'b9' not found")
  })

  it("sets variables of a paused job, by names that are names", () => {
    const set = (name: string): FlowCommand => ({ _tag: "SetVariable", id, job, name, value: 10, scope: null })
    given(...running)
      .when(set("counter"))
      .thenRejected("JobNotPaused", "not paused")
    given(...running, paused)
      .when(set("counter"))
      .then({ _tag: "VariableChangeRequested", job, name: "counter", value: 10, scope: null })
    given(...running, paused)
      .when(set("__proto__"))
      .thenRejected("VariableRefused", "it is no name")
  })

  it("forgets only what is over", () => {
    given(...running)
      .when({ _tag: "ForgetJobs", id, jobs: [job] })
      .thenRejected("JobStillRunning", "is not over")
    given(...running, started, finished("failed"))
      .when({ _tag: "ForgetJobs", id, jobs: [job] })
      .then({ _tag: "JobForgotten", job })
  })
})
