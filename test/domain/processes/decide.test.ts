import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { CommandId, ProcessId } from "../../../src/domain/Brands.ts"
import type { ProcessEvent, ProcessIdentity, ProcessSpec } from "../../../src/domain/events/ProcessEvents.ts"
import { spentMost } from "../../../src/domain/processes/clearing.ts"
import { decide } from "../../../src/domain/processes/decide.ts"
import type { ProcessCommand } from "../../../src/domain/processes/ProcessCommand.ts"
import * as Processes from "../../../src/domain/processes/Processes.ts"
import { fold } from "../given.ts"

const one = ProcessId("one")
const two = ProcessId("two")
const id = CommandId("c1")
const identity: ProcessIdentity = { bootId: "boot", pid: 42, startTicks: 7 }
const spec: ProcessSpec = {
  name: "job.sh",
  kind: "script",
  argv: ["/bin/sh", "job.sh"],
  workingDirectory: "/tmp",
  env: null,
  user: "somebody",
  session: null,
  treeId: null,
  host: "node-1",
  logPath: null,
  scriptPath: "job.sh",
}

const asked: ProcessEvent = { _tag: "ProcessBootRequested", process: one, spec }
const booted = { _tag: "ProcessBooted", process: one, identity } satisfies ProcessEvent
const stopAsked: ProcessEvent = {
  _tag: "ProcessSignalRequested",
  process: one,
  signal: "SIGTERM",
  force: "SIGKILL",
  graceMillis: 10_000,
  stop: true,
}
const exited = { _tag: "ProcessExited", process: one, code: 3, signal: null } satisfies ProcessEvent

const given = (...events: ReadonlyArray<ProcessEvent>) => {
  const state = fold(Processes, events)
  return {
    when: (command: ProcessCommand) => {
      const decision = decide(state, command)
      return {
        then: (...expected: ReadonlyArray<ProcessEvent>) => expect(decision).toEqual(Either.right(expected)),
        thenRejected: (tag: string, message: string) => {
          expect(Either.isLeft(decision)).toBe(true)
          if (Either.isLeft(decision)) {
            expect(decision.left._tag).toBe(tag)
            expect(decision.left.message).toBe(message)
          }
        },
      }
    },
    status: () => state.byId.get(one)?.status,
    state,
  }
}

const boot: ProcessCommand = { _tag: "BootProcess", id, process: one, spec, environment: null }
const stop: ProcessCommand = { _tag: "StopProcess", id, process: one, signal: "SIGTERM", graceMillis: 10_000 }

describe("deciding about a process", () => {
  it("asks for the boot of a first script", () => given().when(boot).then(asked))

  it("refuses a second script while one is booting, running or being stopped", () => {
    const message = "A process is already running. Stop it first."
    const second: ProcessCommand = { ...boot, process: two }
    given(asked).when(second).thenRejected("ProcessAlreadyRunning", message)
    given(asked, booted).when(second).thenRejected("ProcessAlreadyRunning", message)
    given(asked, booted, stopAsked).when(second).thenRejected("ProcessAlreadyRunning", message)
  })

  it("lets a process that is no script run beside the script", () => {
    const other: ProcessSpec = { ...spec, kind: "process" }
    given(asked, booted)
      .when({ ...boot, process: two, spec: other })
      .then({ _tag: "ProcessBootRequested", process: two, spec: other })
  })

  it("boots the same id again once it has ended", () => given(asked, booted, exited).when(boot).then(asked))

  it("records a boot once", () => {
    const record: ProcessCommand = { _tag: "RecordBooted", id, process: one, identity }
    given(asked).when(record).then(booted)
    given(asked, booted).when(record).then()
  })

  it("refuses the exit of a process that is not running", () => {
    given(asked, booted, exited)
      .when({ _tag: "RecordExited", id, process: one, code: 0, signal: null })
      .thenRejected("ProcessNotRunning", "process one is not running")
  })

  it("refuses to stop what is not there and what has ended", () => {
    given().when(stop).thenRejected("ProcessNotFound", "no process has the id one")
    given(asked, booted, exited).when(stop).thenRejected("ProcessNotRunning", "process one is not running")
  })

  it("adds nothing to a stop under way, but lets SIGKILL through once", () => {
    given(asked, booted, stopAsked).when(stop).then()
    const kill: ProcessCommand = { ...stop, signal: "SIGKILL", graceMillis: 0 }
    const killAsked: ProcessEvent = { ...stopAsked, signal: "SIGKILL", graceMillis: 0 }
    given(asked, booted, stopAsked).when(kill).then(killAsked)
    given(asked, booted, stopAsked, killAsked).when(kill).then()
  })

  it("flushes only what has ended", () => {
    const flush: ProcessCommand = { _tag: "FlushProcess", id, process: one }
    given(asked, booted)
      .when(flush)
      .thenRejected("ProcessStillRunning", "process one is still running; stop it before it is flushed")
    given(asked, booted, exited).when(flush).then({ _tag: "ProcessFlushed", process: one })
  })
})

describe("what failed or ran out", () => {
  const failedBoot = (name: string): ReadonlyArray<ProcessEvent> => [
    { _tag: "ProcessBootRequested", process: ProcessId(name), spec: { ...spec, kind: "process" } },
    { _tag: "ProcessBootFailed", process: ProcessId(name), reason: "not found" },
  ]
  const many = Array.from({ length: spentMost }, (_, index) => failedBoot(`failed-${index}`)).flat()
  const fails: ProcessCommand = { _tag: "RecordBootFailed", id, process: one, reason: "no such file" }
  const failed: ProcessEvent = { _tag: "ProcessBootFailed", process: one, reason: "no such file" }
  const oldest: ProcessEvent = { _tag: "ProcessFlushed", process: ProcessId("failed-0") }

  it("stays to be looked at while there is not too much of it", () => {
    given(...many.slice(2), asked)
      .when(fails)
      .then(failed)
  })

  it("makes room for the next: the oldest is flushed", () => {
    given(...many, asked)
      .when(fails)
      .then(failed, oldest)
    const exit: ProcessCommand = { _tag: "RecordExited", id, process: one, code: 3, signal: null }
    given(...many, asked, booted)
      .when(exit)
      .then(exited, oldest)
  })

  it("never makes room by what ran under /v1/processes", () => {
    const asked: ProcessEvent = { _tag: "ProcessBootRequested", process: two, spec: { ...spec, kind: "process" } }
    const ran: ReadonlyArray<ProcessEvent> = [asked, { ...booted, process: two }, { ...exited, process: two }]
    given(...ran, ...many, { ...asked, process: one })
      .when(fails)
      .then(failed, oldest)
  })
})

describe("the state of a process", () => {
  it("tells an end by itself from an end that was asked for", () => {
    expect(given(asked, booted, exited).status()).toBe("exited")
    expect(given(asked, booted, stopAsked).status()).toBe("stopping")
    expect(given(asked, booted, stopAsked, exited).status()).toBe("stopped")
  })

  it("keeps a stop that was asked for before the boot was known", () => {
    expect(given(asked, stopAsked).status()).toBe("booting")
    expect(given(asked, stopAsked, booted).status()).toBe("stopping")
  })

  it("keeps the last script for /status after it was flushed", () => {
    const { state } = given(asked, booted, exited, { _tag: "ProcessFlushed", process: one })
    expect(state.byId.size).toBe(0)
    expect(state.script).toMatchObject({ id: one, code: 3, signal: null, status: "exited" })
  })

  it("passes by events about processes that it has never heard of", () => {
    expect(given(booted, exited).state.byId.size).toBe(0)
  })
})
