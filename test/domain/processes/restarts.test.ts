// Restarts asked for and restarts by policy, readiness, and who failed first.

import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { CommandId, ProcessId } from "../../../src/domain/Brands.ts"
import type { ProcessEvent, ProcessSpec } from "../../../src/domain/events/ProcessEvents.ts"
import type { RestartPolicy } from "../../../src/domain/events/ProcessTerms.ts"
import { decide } from "../../../src/domain/processes/decide.ts"
import { missingOf } from "../../../src/domain/processes/dependencies.ts"
import type { ProcessCommand } from "../../../src/domain/processes/ProcessCommand.ts"
import * as Processes from "../../../src/domain/processes/Processes.ts"
import * as ProcessQuery from "../../../src/domain/processes/ProcessQuery.ts"
import { fold } from "../given.ts"

const id = CommandId("c1")
const one = ProcessId("one")
const identity = { bootId: "boot", pid: 42, startTicks: 7 }
const policy: RestartPolicy = {
  when: "on-failure",
  backoffMillis: 100,
  backoffMostMillis: 300,
  most: 3,
  steadyMillis: 60_000,
}
const specOf = (name: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  name,
  kind: "process",
  argv: ["/bin/true"],
  workingDirectory: "/",
  env: null,
  user: "somebody",
  session: null,
  treeId: null,
  host: "here",
  logPath: null,
  scriptPath: null,
  ...more,
})
const asked = (name = "one", more: Partial<ProcessSpec> = {}): ProcessEvent => ({
  _tag: "ProcessBootRequested",
  process: ProcessId(name),
  spec: specOf(name, more),
})
const booted = (name = "one"): ProcessEvent => ({ _tag: "ProcessBooted", process: ProcessId(name), identity })
const exited = (code: number | null, name = "one", signal: number | null = null): ProcessEvent => ({
  _tag: "ProcessExited",
  process: ProcessId(name),
  code,
  signal,
})
const stopAsked: ProcessEvent = {
  _tag: "ProcessSignalRequested",
  process: one,
  signal: "SIGTERM",
  force: "SIGKILL",
  graceMillis: 10,
  stop: true,
}
const restartAsked: ProcessEvent = { _tag: "ProcessRestartRequested", process: one }
const scheduled = (attempt: number, delayMillis: number): ProcessEvent => ({
  _tag: "ProcessRestartScheduled",
  process: one,
  attempt,
  delayMillis,
})

const given = (...events: ReadonlyArray<ProcessEvent>) => {
  const state = fold(Processes, events)
  const when = (command: ProcessCommand) => {
    const decision = decide(state, command)
    return {
      then: (...expected: ReadonlyArray<ProcessEvent>) => expect(decision).toEqual(Either.right(expected)),
      thenRejected: (tag: string) =>
        expect(Either.isLeft(decision) ? decision.left._tag : decision.right.map((event) => event._tag)).toBe(tag),
    }
  }
  return { state, when }
}
const restart: ProcessCommand = { _tag: "RestartProcess", id, process: one, signal: "SIGTERM", graceMillis: 10 }
const stop: ProcessCommand = { _tag: "StopProcess", id, process: one, signal: "SIGTERM", graceMillis: 10 }
const end = (code: number | null, ranMillis = 0): ProcessCommand => ({
  _tag: "RecordExited",
  id,
  process: one,
  code,
  signal: null,
  ranMillis,
})

describe("a restart that is asked for", () => {
  it("stops what lives, and boots it again in the same breath as its end", () => {
    given(asked(), booted()).when(restart).then(restartAsked, stopAsked)
    given(asked(), booted(), restartAsked, stopAsked).when(end(0)).then(exited(0), asked())
  })
  it("boots what has ended, under its id", () => {
    given(asked(), booted(), exited(1)).when(restart).then(asked())
    expect(given(asked(), booted(), exited(1), asked()).state.byId.get(one)).toMatchObject({
      boots: 2,
      status: "booting",
    })
  })
  it("is called off by a stop", () => {
    const cancelled: ProcessEvent = { _tag: "ProcessRestartCancelled", process: one }
    given(asked(), booted(), restartAsked, stopAsked).when(stop).then(cancelled)
    given(asked(), booted(), restartAsked, stopAsked, cancelled).when(end(0)).then(exited(0))
  })
  it("of a script waits for no other script", () => {
    const script = { kind: "script" } as const
    given(asked("one", script), booted(), exited(0), asked("two", script))
      .when(restart)
      .thenRejected("ProcessAlreadyRunning")
  })
})

describe("a restart policy", () => {
  const restarting = { restart: policy }
  it("waits twice as long each time, up to its bound, and gives up after its last", () => {
    const first = [asked("one", restarting), booted()]
    given(...first)
      .when(end(1))
      .then(exited(1), scheduled(1, 100))
    const second = [...first, exited(1), scheduled(1, 100), asked("one", restarting), booted()]
    given(...second)
      .when(end(1))
      .then(exited(1), scheduled(2, 200))
    const third = [...second, exited(1), scheduled(2, 200), asked("one", restarting), booted()]
    given(...third)
      .when(end(1))
      .then(exited(1), scheduled(3, 300))
    const last = [...third, exited(1), scheduled(3, 300), asked("one", restarting), booted()]
    given(...last)
      .when(end(1))
      .then(exited(1))
    given(...last)
      .when(end(1, 60_000))
      .then(exited(1), scheduled(1, 100))
  })
  it("leaves alone what ended well, and what was asked to end", () => {
    given(asked("one", restarting), booted()).when(end(0)).then(exited(0))
    given(asked("one", restarting), booted(), stopAsked).when(end(1)).then(exited(1))
    given(asked("one", { restart: { ...policy, when: "always" } }), booted())
      .when(end(0))
      .then(exited(0), scheduled(1, 100))
  })
  it("takes a process that no longer answers for a failed one", () => {
    const unresponsive: ProcessEvent = { _tag: "ProcessUnresponsive", process: one, reason: "no answer" }
    given(asked("one", restarting), booted(), unresponsive, stopAsked).when(end(0)).then(exited(0), scheduled(1, 100))
  })
  it("boots again only what still waits for it", () => {
    const waiting = [asked("one", restarting), booted(), exited(1), scheduled(1, 100)]
    const again: ProcessCommand = { _tag: "BootAgain", id, process: one }
    given(...waiting)
      .when(again)
      .then(asked("one", restarting))
    given(...waiting)
      .when(stop)
      .then({ _tag: "ProcessRestartCancelled", process: one })
    given(...waiting, { _tag: "ProcessRestartCancelled", process: one })
      .when(again)
      .then()
    given(...waiting)
      .when({ _tag: "FlushProcess", id, process: one })
      .thenRejected("ProcessStillRunning")
  })
})

describe("the first failure of a session", () => {
  const inSession = { session: "run" }
  const all = [
    asked("one", inSession),
    asked("two", inSession),
    asked("three", inSession),
    booted("one"),
    booted("two"),
    booted("three"),
  ]
  const failures = (...events: ReadonlyArray<ProcessEvent>) =>
    Array.from(given(...all, ...events).state.byId.values(), (process) => process.failure)
  it("is told apart from those that followed it", () => {
    expect(failures(exited(1, "two"), exited(null, "one", 15), exited(0, "three"))).toEqual([
      { kind: "collateral", of: "two" },
      { kind: "first" },
      null,
    ])
  })
  it("is looked for anew once the session has come to life again", () => {
    const over = [exited(1, "two"), exited(1, "one"), exited(0, "three")]
    expect(failures(...over, asked("one", inSession), booted("one"), exited(2, "one"))[0]).toEqual({ kind: "first" })
  })
})

describe("dependencies", () => {
  const probed = { readiness: { kind: "log", text: "up", intervalMillis: 1, timeoutMillis: 1, failures: 1 } } as const
  it("are met once they are ready", () => {
    const needing = specOf("app", { dependsOn: ["one", "db"] })
    const before = [asked("one"), booted("one"), asked("db", probed), booted("db")]
    expect(missingOf(given(...before).state, needing)).toEqual(["db"])
    expect(missingOf(given(...before, { _tag: "ProcessReady", process: ProcessId("db") }).state, needing)).toEqual([])
    expect(missingOf(given(...before, exited(0, "one")).state, needing)).toEqual(["one", "db"])
  })
  it("may not go round in a circle", () => {
    const boot: ProcessCommand = {
      _tag: "BootProcess",
      id,
      process: one,
      spec: specOf("one", { dependsOn: ["two"] }),
      environment: null,
    }
    given(asked("two", { dependsOn: ["three"] }), asked("three", { dependsOn: ["one"] }))
      .when(boot)
      .thenRejected("DependencyCycle")
    given(asked("two", { dependsOn: ["three"] }), asked("three"))
      .when(boot)
      .then(asked("one", { dependsOn: ["two"] }))
  })
})

describe("a query", () => {
  const { state } = given(asked("dfo-01", { user: "ada" }), asked("ru-01", { session: "run" }), asked("ru-02"))
  const names = (query: Partial<ProcessQuery.ProcessQuery>) =>
    Either.map(ProcessQuery.matches(state, { ids: [], names: [], user: "", session: "", ...query }), (all) =>
      all.map(({ id }) => id as string),
    )
  it("takes whoever any of its fields names", () => {
    expect(names({})).toEqual(Either.right([]))
    expect(names({ names: ["^ru"] })).toEqual(Either.right(["ru-01", "ru-02"]))
    expect(names({ ids: ["ru-02"], user: "ada" })).toEqual(Either.right(["dfo-01", "ru-02"]))
    expect(names({ session: "run", user: "ad" })).toEqual(Either.right(["ru-01"]))
  })
  it("with a name that is no expression matches nothing and says why", () => {
    const refused = names({ names: ["ok", "("] })
    expect(Either.isLeft(refused) && refused.left.reason).toMatch(/"\(": a \( without its \)/)
  })
})
