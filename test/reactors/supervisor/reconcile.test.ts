// One agent's processes in the hands of the next: adopted when they live, told as ended when they do not, never mistaken for others.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { afterEach, describe, expect } from "vitest"
import { Commands } from "../../../src/commands/Commands.ts"
import { ProcessId } from "../../../src/domain/Brands.ts"
import type { ProcessIdentity } from "../../../src/domain/events/ProcessEvents.ts"
import * as Kernel from "../../../src/reactors/supervisor/Kernel.ts"
import * as Shim from "../../../src/reactors/supervisor/Shim.ts"
import { agent, booted, events, eventually, freshId, type House, house, script } from "./agents.ts"
import { bystander, leftovers, native, stopped, sweep, tester, when, writeDown } from "./agents.ts"

const kernel = Kernel.make()

afterEach(async () => {
  expect(await sweep()).toEqual([])
})

/** Boots in one life of the agent; the returned process is the next one's. */
const left = (home: House, name: string, environment: Readonly<Record<string, string>> | null = null) =>
  booted(script(name), environment).pipe(Effect.provide(agent(home)))

const isAlive = (pid: number | undefined) => Kernel.isAlive(kernel.find(pid ?? 0))

const adoptions = Effect.map(events, (all) => all.filter((event) => event._tag === "ProcessAdopted").length)

describe("the next agent", () => {
  it.live("adopts the living, watches them on and can stop them", () => {
    const home = house()
    return Effect.gen(function* () {
      const one = yield* left(home, "sleeper.sh")
      expect(isAlive(one.identity?.pid)).toBe(true)
      const ended = yield* Effect.gen(function* () {
        expect(yield* adoptions).toBe(1)
        return yield* stopped(one.id, 5_000)
      }).pipe(Effect.provide(agent(home)))
      expect([ended.code, ended.signal, ended.identity]).toEqual([null, 15, one.identity])
    })
  })

  it.live("tells the exit code of one that ended while it watches without a pipe", () => {
    const home = house()
    const gate = join(home.data, "gate")
    return Effect.gen(function* () {
      const one = yield* left(home, "waits.sh", { GATE: gate, CODE: "3" })
      const ended = yield* Effect.gen(function* () {
        writeFileSync(gate, "")
        return yield* when(one.id, (process) => process.status === "exited")
      }).pipe(Effect.provide(agent(home)))
      expect(ended.code).toBe(3)
    })
  })

  it.live("tells the exit code of one that ended while no agent was there", () => {
    const home = house()
    const gate = join(home.data, "gate")
    return Effect.gen(function* () {
      const one = yield* left(home, "waits.sh", { GATE: gate, CODE: "4" })
      writeFileSync(gate, "")
      yield* Effect.promise(() => eventually("it has ended", () => !isAlive(one.identity?.pid)))
      const ended = yield* when(one.id, () => true).pipe(Effect.provide(agent(home)))
      expect([ended.status, ended.code]).toEqual(["exited", 4])
    })
  })

  it.live("says that an end without a record is unknown", () => {
    const home = house()
    return Effect.gen(function* () {
      const one = yield* left(home, "sleeper.sh")
      const shim = kernel.find(one.identity?.pid ?? 0)?.parentPid ?? 0
      process.kill(shim, "SIGKILL")
      process.kill(one.identity?.pid ?? 0, "SIGKILL")
      yield* Effect.promise(() => eventually("both are gone", () => !isAlive(one.identity?.pid) && !isAlive(shim)))
      const ended = yield* when(one.id, () => true).pipe(Effect.provide(agent(home)))
      expect([ended.status, ended.code, ended.signal]).toEqual(["exited", null, null])
    })
  })

  it.live("carries on a stop that the one before began", () => {
    const home = house()
    const ready = join(home.data, "ready")
    return Effect.gen(function* () {
      const one = yield* Effect.gen(function* () {
        const one = yield* booted(script("stubborn.sh"), { READY: ready })
        yield* Effect.promise(() => eventually("the tree is grown", () => existsSync(ready)))
        const commands = yield* Commands
        yield* commands.submit(
          { _tag: "StopProcess", id: freshId(), process: one.id, signal: "SIGTERM", graceMillis: 300 },
          tester,
        )
        return one
      }).pipe(Effect.provide(agent(home)))
      expect(isAlive(one.identity?.pid)).toBe(true)
      const ended = yield* when(one.id, (process) => process.status === "stopped").pipe(Effect.provide(agent(home)))
      expect(ended.signal).toBe(9)
    })
  })

  it.live("finds a boot that the one before asked for and never began", () => {
    const home = house()
    const id = ProcessId(`process-${freshId()}`)
    return Effect.gen(function* () {
      yield* writeDown(home, [{ _tag: "ProcessBootRequested", process: id, spec: script("sleeper.sh") }])
      const found = yield* when(id, () => true).pipe(Effect.provide(agent(home)))
      expect([found.status, found.reason]).toEqual(["boot_failed", "the agent ended before the process was started"])
    })
  })

  it.live("finds a process that was booted but not told of", () => {
    const home = house()
    const id = ProcessId(`process-${freshId()}`)
    return Effect.gen(function* () {
      const at = yield* writeDown(home, [{ _tag: "ProcessBootRequested", process: id, spec: script("sleeper.sh") }])
      const stranger = bystander()
      const directory = join(home.data, "processes", id, `life-${at}`)
      mkdirSync(directory, { recursive: true })
      const { bootId, pid, startTicks } = stranger.identity
      writeFileSync(
        join(directory, "identity"),
        JSON.stringify({ boot_id: bootId, pid, start_ticks: startTicks, shim_pid: pid, shim_start_ticks: startTicks }),
      )
      const found = yield* when(id, () => true).pipe(Effect.provide(agent(home)))
      expect([found.status, found.identity]).toEqual(["running", stranger.identity])
      stranger.end()
    })
  })

  it.live("waits for the shim of a boot that the one before began", () => {
    const home = house()
    const gate = join(home.data, "gate")
    const slow = join(home.data, "slow.sh")
    const { command, leading } = Shim.locate(native)
    writeFileSync(slow, `while [ ! -e ${gate} ]; do sleep 0.01; done; exec ${[command, ...leading].join(" ")} "$@"\n`)
    return Effect.gen(function* () {
      const id = freshId()
      yield* Effect.fork(booted(script("sleeper.sh"), null, id)).pipe(
        Effect.zipRight(Effect.promise(() => eventually("the shim is started", () => leftovers().length > 0))),
        Effect.provide(agent(home, { shim: { command: "/bin/sh", leading: [slow] } })),
      )
      setTimeout(() => writeFileSync(gate, ""), 100)
      const found = yield* Effect.gen(function* () {
        const one = yield* when(ProcessId(`process-${id}`), (process) => process.status !== "booting")
        yield* stopped(one.id, 5_000)
        return one
      }).pipe(Effect.provide(agent(home)))
      expect(found.status).toBe("running")
    })
  })

  it.live("takes a pid that now is another's for an end, and never signals it", () => {
    const home = house()
    const id = ProcessId(`process-${freshId()}`)
    const stranger = bystander()
    const before: ProcessIdentity = { ...stranger.identity, startTicks: stranger.identity.startTicks - 1 }
    return Effect.gen(function* () {
      yield* writeDown(home, [
        { _tag: "ProcessBootRequested", process: id, spec: script("sleeper.sh") },
        { _tag: "ProcessBooted", process: id, identity: before },
        {
          _tag: "ProcessSignalRequested",
          process: id,
          signal: "SIGKILL",
          force: "SIGKILL",
          graceMillis: 0,
          stop: true,
        },
      ])
      const found = yield* when(id, () => true).pipe(Effect.provide(agent(home)))
      expect([found.status, found.code, found.signal, found.lastSignal]).toEqual(["stopped", null, null, null])
      expect(stranger.isAlive()).toBe(true)
      stranger.end()
    })
  })

  it.live("adopts nothing from before the host's last boot", () => {
    const home = house()
    const id = ProcessId(`process-${freshId()}`)
    const stranger = bystander()
    return Effect.gen(function* () {
      yield* writeDown(home, [
        { _tag: "ProcessBootRequested", process: id, spec: script("sleeper.sh") },
        { _tag: "ProcessBooted", process: id, identity: { ...stranger.identity, bootId: "another" } },
      ])
      const found = yield* when(id, () => true).pipe(Effect.provide(agent(home)))
      expect(found.status).toBe("exited")
      expect(stranger.isAlive()).toBe(true)
      stranger.end()
    })
  })

  it.live("boots the same process again without taking the records of its earlier life for its own", () => {
    const home = house()
    return Effect.gen(function* () {
      const first = yield* booted(script("exits.sh"), { CODE: "5" }).pipe(
        Effect.tap((one) => when(one.id, (process) => process.status === "exited")),
        Effect.provide(agent(home)),
      )
      yield* writeDown(home, [{ _tag: "ProcessBootRequested", process: first.id, spec: script("exits.sh") }])
      const found = yield* when(first.id, () => true).pipe(Effect.provide(agent(home)))
      expect([found.status, found.code]).toEqual(["boot_failed", null])
    })
  })
})

describe("an agent that ends", () => {
  it.live("takes its children along when told to, through the log", () => {
    const home = house()
    const ready = join(home.data, "ready")
    return Effect.gen(function* () {
      const one = yield* booted(script("stubborn.sh"), { READY: ready }).pipe(
        Effect.tap(Effect.promise(() => eventually("the tree is grown", () => existsSync(ready)))),
        Effect.provide(agent(home, { onAgentDeath: "stop", bounds: { farewellGraceMillis: 50 } })),
      )
      expect(leftovers()).toEqual([])
      const found = yield* when(one.id, () => true).pipe(Effect.provide(agent(home)))
      expect([found.status, found.signal, found.lastSignal]).toEqual(["stopped", 9, "SIGKILL"])
    })
  })

  it.live("leaves them running and writing otherwise", () => {
    const home = house()
    const gate = join(home.data, "gate")
    return Effect.gen(function* () {
      const one = yield* left(home, "waits.sh", { GATE: gate, CODE: "0" })
      writeFileSync(gate, "")
      const output = () => readFileSync(join(home.data, "processes", one.id, "output.log"), "utf8")
      // Its shim writes down what it said a moment after its end.
      yield* Effect.promise(() => eventually("all that it said is there", () => output() === "waiting\nopen\n"))
      yield* Effect.promise(() => eventually("it has ended", () => !isAlive(one.identity?.pid)))
      yield* Effect.void.pipe(Effect.provide(agent(home)))
    })
  })
})
