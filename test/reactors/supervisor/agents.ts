// An agent's core around the real supervisor: log in memory, real commands and views, real shims in a folder of its own.
// Agents over one house are lives of one agent: what one leaves, the next finds.

import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { Effect, Layer, Stream } from "effect"
import { vi } from "vitest"
import type { Caller } from "../../../src/commands/Commands.ts"
import { Commands } from "../../../src/commands/Commands.ts"
import * as DecidedCommands from "../../../src/commands/DecidedCommands.ts"
import { CommandId, Position, ProcessId } from "../../../src/domain/Brands.ts"
import type { Event } from "../../../src/domain/Event.ts"
import type { ProcessSpec } from "../../../src/domain/events/ProcessEvents.ts"
import type { ManagedProcess } from "../../../src/domain/processes/Processes.ts"
import { EventLog } from "../../../src/log/EventLog.ts"
import * as MemoryEventLog from "../../../src/log/memory/MemoryEventLog.ts"
import * as MemoryStore from "../../../src/log/memory/MemoryStore.ts"
import * as FoldedViews from "../../../src/projections/FoldedViews.ts"
import * as LiveReader from "../../../src/projections/LiveReader.ts"
import { processes } from "../../../src/projections/processes.ts"
import { type View, Views } from "../../../src/projections/Views.ts"
import * as Kernel from "../../../src/reactors/supervisor/Kernel.ts"
import type { Options } from "../../../src/reactors/supervisor/Means.ts"
import * as SecretFiles from "../../../src/reactors/supervisor/SecretFiles.ts"
import * as Shim from "../../../src/reactors/supervisor/Shim.ts"
import * as Supervisor from "../../../src/reactors/supervisor/Supervisor.ts"

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

export const programs = resolve(import.meta.dirname, "../../programs")
export const native = resolve(import.meta.dirname, "../../../native")

/** What outlives an agent: its log and its data directory. */
export interface House {
  readonly data: string
  readonly medium: MemoryStore.Medium
}

const houses: Array<string> = []

export const house = (): House => {
  const data = mkdtempSync(join(tmpdir(), "annalist-supervisor-"))
  houses.push(data)
  return { data, medium: MemoryStore.medium() }
}

/** One life of the agent; its end is the end of the layer's scope. */
export const agent = (of: House, options: Partial<Options> = {}) => {
  const log = MemoryEventLog.layer({ medium: of.medium })
  const views = FoldedViews.layer([processes]).pipe(Layer.provide(LiveReader.layer({ name: "node", bootId: "boot" })))
  const commands = DecidedCommands.layer.pipe(Layer.provideMerge(SecretFiles.layer(of.data)))
  const supervisor = Supervisor.layer({
    dataDirectory: of.data,
    scriptRoots: [programs],
    shim: Shim.locate(native),
    onAgentDeath: "keep",
    environment: { PATH: process.env["PATH"], LANG: "C", UNSET: undefined },
    ...options,
  })
  return supervisor.pipe(Layer.provideMerge(Layer.merge(commands, views)), Layer.provideMerge(log))
}

export const tester: Caller = { actor: "test" }

const ids = { next: 0 }
export const freshId = (): CommandId => CommandId(`test-${process.pid}-${ids.next++}`)

export const script = (name: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
  name,
  kind: "process",
  argv: ["/bin/sh", join(programs, name)],
  workingDirectory: programs,
  env: null,
  user: "test",
  session: null,
  treeId: null,
  host: "localhost",
  logPath: null,
  scriptPath: name,
  ...more,
})

/** Boots and returns the process as it stands once the boot's outcome is known. */
export const booted = (
  spec: ProcessSpec,
  environment: Readonly<Record<string, string>> | null = null,
  id = freshId(),
) =>
  Effect.gen(function* () {
    const process = ProcessId(`process-${id}`)
    const commands = yield* Commands
    const env =
      environment === null ? null : Object.fromEntries(Object.keys(environment).map((name) => [name, "[redacted]"]))
    yield* commands.submit({ _tag: "BootProcess", id, process, spec: { ...spec, env }, environment }, tester)
    return yield* when(process, (one) => one.status !== "booting")
  })

export const stopped = (process: ProcessId, graceMillis: number, signal = "SIGTERM") =>
  Effect.gen(function* () {
    const commands = yield* Commands
    yield* commands.submit({ _tag: "StopProcess", id: freshId(), process, signal, graceMillis }, tester)
    return yield* when(process, (one) => one.status === "stopped")
  })

/** The process, once it is as wanted; bounded by the test's own time. */
export const when = (process: ProcessId, holds: (one: ManagedProcess) => boolean) =>
  Effect.gen(function* () {
    const views = yield* Views
    const find = (view: View) => view.state(processes).byId.get(process)
    const view = yield* views.until((view) => {
      const one = find(view)
      return one !== undefined && holds(one)
    })
    const one = find(view)
    if (one === undefined) return yield* Effect.dieMessage(`${process} is gone`)
    return one
  })

/** Writes into the log of a house where nobody is at home; the time of the first event, µs. */
export const writeDown = (of: House, all: ReadonlyArray<Event>) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const { first } = yield* log.append({ actor: "test", command: null, events: all })
    const [chunk] = yield* Stream.runCollect(log.read({ from: first, to: first }))
    return chunk?.[0]?.at ?? 0
  }).pipe(Effect.provide(MemoryEventLog.layer({ medium: of.medium })), Effect.orDie)

/** A process that belongs to nobody here, with the identity that a log might claim. */
export const bystander = () => {
  const child = spawn("sleep", ["300"], { stdio: "ignore" })
  const kernel = Kernel.make()
  const found = kernel.find(child.pid ?? 0)
  return {
    identity: { bootId: kernel.bootId ?? "", pid: child.pid ?? 0, startTicks: found?.startTicks ?? 0 },
    isAlive: () => Kernel.isAlive(kernel.find(child.pid ?? 0)),
    end: () => child.kill("SIGKILL"),
  }
}

/** Everything in the log so far. */
export const events: Effect.Effect<ReadonlyArray<Event>, never, EventLog> = Effect.gen(function* () {
  const log = yield* EventLog
  return yield* log.read({ from: Position(1) }).pipe(
    Stream.runFold([] as ReadonlyArray<Event>, (all, chunk) => [...all, ...chunk.map((envelope) => envelope.event)]),
    Effect.orDie,
  )
})

/** Looks again and again, for a minute at most: the machine may do much else besides. */
export const eventually = async (what: string, holds: () => boolean): Promise<void> => {
  const deadline = performance.now() + 60_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await new Promise((done) => setTimeout(done, 5))
  }
}

/** Living processes that belong to any house of this test file: by the marker, and shims by their arguments. */
export const leftovers = (): ReadonlyArray<string> =>
  readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    const read = (file: string) => {
      try {
        return readFileSync(`/proc/${name}/${file}`, "latin1")
      } catch {
        return ""
      }
    }
    const isOurs =
      read("environ").includes(`ANNALIST_PROCESS=process-test-${process.pid}-`) ||
      houses.some((data) => read("cmdline").includes(data))
    return isOurs && !/\) [ZX] /.test(read("stat")) ? [`${name}: ${read("cmdline").replaceAll("\0", " ")}`] : []
  })

/** For a test's end: whatever it left running is ended, and named. A shim tells of its child's end a little before its own. */
export const sweep = async (): Promise<ReadonlyArray<string>> => {
  await eventually("the last shims have ended", () => leftovers().length === 0).catch(() => undefined)
  const found = leftovers()
  for (const line of found) {
    try {
      process.kill(Number.parseInt(line, 10), "SIGKILL")
    } catch {
      // It ended by itself meanwhile.
    }
  }
  for (const data of houses.splice(0)) rmSync(data, { recursive: true, force: true })
  return found
}
