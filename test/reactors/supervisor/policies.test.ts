// What the supervisor does by itself: restarts, probes, start order, limits; and programs that follow one another.

import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { afterEach, describe, expect } from "vitest"
import { Commands } from "../../../src/commands/Commands.ts"
import type { ProcessId } from "../../../src/domain/Brands.ts"
import type { ProcessSpec } from "../../../src/domain/events/ProcessEvents.ts"
import type { Probe, RestartPolicy } from "../../../src/domain/events/ProcessTerms.ts"
import * as OutputFiles from "../../../src/reactors/supervisor/OutputFiles.ts"
import { agent, booted, events, freshId, type House, house, script, stopped, sweep, tester, when } from "./agents.ts"

afterEach(async () => {
  expect(await sweep()).toEqual([])
})

const running = (line: string, more: Partial<ProcessSpec> = {}): ProcessSpec =>
  script("sh", { argv: ["/bin/sh", "-c", line], scriptPath: null, workingDirectory: "/", ...more })

const policy: RestartPolicy = {
  when: "on-failure",
  backoffMillis: 20,
  backoffMostMillis: 40,
  most: 2,
  steadyMillis: 60_000,
}
const pace = { intervalMillis: 20, timeoutMillis: 2_000, failures: 2 }
const output = (home: House, id: string) => readFileSync(join(home.data, "processes", id, "output.log"), "utf8")
const restart = (process: ProcessId) =>
  Effect.flatMap(Commands, (commands) =>
    commands.submit({ _tag: "RestartProcess", id: freshId(), process, signal: "SIGTERM", graceMillis: 2_000 }, tester),
  )

describe("programs one after the other", () => {
  it.live("run in one shell, and the last one's end is the end", () => {
    const home = house()
    return Effect.gen(function* () {
      const file = join(home.data, "env.sh")
      writeFileSync(file, "GREETING='hello there'\nexport GREETING\n")
      const spec = running("", {
        argv: ["source", file],
        steps: [
          ["echo", "a;b", "$HOME"],
          ["/bin/sh", "-c", 'echo "$GREETING"; kill -35 $$'],
        ],
      })
      const { id } = yield* booted(spec)
      const ended = yield* when(id, (one) => one.status === "exited")
      expect([ended.code, ended.signal]).toEqual([null, 35])
      expect(output(home, id)).toBe("a;b $HOME\nhello there\n")
    }).pipe(Effect.provide(agent(home)))
  })
})

describe("a restart", () => {
  it.live("keeps the id and brings a new pid, with the environment of the first boot", () => {
    const home = house()
    return Effect.gen(function* () {
      const first = yield* booted(running('echo "$SECRET"; exec sleep 300'), { SECRET: "kept" })
      yield* restart(first.id)
      const second = yield* when(first.id, (one) => one.status === "running" && one.boots === 2)
      expect(second.identity?.pid).not.toBe(first.identity?.pid)
      yield* stopped(first.id, 2_000)
      expect(output(home, first.id)).toBe("kept\nkept\n")
    }).pipe(Effect.provide(agent(home)))
  })

  it.live("by policy comes as often as it may and no more", () => {
    const home = house()
    return Effect.gen(function* () {
      const { id } = yield* booted(running("exit 3", { restart: policy }))
      const ended = yield* when(id, (one) => one.boots === 3 && one.status === "exited" && one.restartAt === null)
      expect([ended.code, ended.attempt]).toEqual([3, 2])
      const delays = (yield* events).flatMap((event) =>
        event._tag === "ProcessRestartScheduled" ? [event.delayMillis] : [],
      )
      expect(delays).toEqual([20, 40])
    }).pipe(Effect.provide(agent(home)))
  })

  it.live("that was waited for when the agent ended is carried out by the next one", () => {
    const home = house()
    return Effect.gen(function* () {
      const slow = { ...policy, backoffMillis: 400, backoffMostMillis: 400, most: 1 }
      const { id } = yield* booted(running("exit 3", { restart: slow })).pipe(
        Effect.tap(({ id: process }) => when(process, (one) => one.restartAt !== null)),
        Effect.provide(agent(home)),
      )
      const ended = yield* when(id, (one) => one.boots === 2 && one.status === "exited").pipe(
        Effect.provide(agent(home)),
      )
      expect(ended.code).toBe(3)
    })
  })
})

describe("a probe", () => {
  const ready: ReadonlyArray<readonly [string, (home: House) => Probe]> = [
    ["a line of the output", () => ({ kind: "log", text: "I am up", ...pace })],
    ["a program", (home) => ({ kind: "exec", argv: ["test", "-e", join(home.data, "up")], ...pace })],
  ]
  it.live.each(ready)("tells by %s when a process is ready", ([, probe]) => {
    const home = house()
    return Effect.gen(function* () {
      const line = `sleep 0.1; touch ${home.data}/up; echo I am up; exec sleep 300`
      const { id } = yield* booted(running(line, { readiness: probe(home) }))
      yield* when(id, (one) => one.ready)
      expect(existsSync(join(home.data, "up"))).toBe(true)
      yield* stopped(id, 2_000)
    }).pipe(Effect.provide(agent(home)))
  })

  it.live("that finds nobody well ends the process, and its policy boots it again", () => {
    const home = house()
    return Effect.gen(function* () {
      const liveness: Probe = { kind: "exec", argv: ["/bin/false"], ...pace }
      const { id } = yield* booted(running("exec sleep 300", { liveness, restart: { ...policy, most: 1 } }))
      const again = yield* when(
        id,
        (one) => one.boots === 2 && !["booting", "running", "stopping"].includes(one.status),
      )
      expect(again.failure).toEqual({ kind: "first" })
      const reasons = (yield* events).flatMap((event) => (event._tag === "ProcessUnresponsive" ? [event.reason] : []))
      expect(reasons).toEqual(["/bin/false ended with 1", "/bin/false ended with 1"])
    }).pipe(Effect.provide(agent(home)))
  })
})

describe("what depends on another", () => {
  it.live("is started when that is ready", () => {
    const home = house()
    return Effect.gen(function* () {
      const session = "run"
      const app = yield* Effect.fork(booted(running("exec sleep 300", { name: "app", session, dependsOn: ["db"] })))
      yield* Effect.sleep(50)
      const db = yield* booted(
        running("sleep 0.1; echo up; exec sleep 300", {
          name: "db",
          session,
          readiness: { kind: "log", text: "up", ...pace },
        }),
      )
      const started = yield* Fiber.join(app)
      const order = (yield* events).flatMap((event) =>
        event._tag === "ProcessReady" || event._tag === "ProcessBooted" ? [`${event._tag} ${event.process}`] : [],
      )
      expect(order).toEqual([`ProcessBooted ${db.id}`, `ProcessReady ${db.id}`, `ProcessBooted ${started.id}`])
      yield* Effect.all([stopped(db.id, 2_000), stopped(started.id, 2_000)], { concurrency: 2 })
    }).pipe(Effect.provide(agent(home)))
  })

  it.live("says so when that is never ready", () => {
    const home = house()
    return Effect.gen(function* () {
      const lonely = yield* booted(running("true", { name: "lonely", session: "run", dependsOn: ["db", "nobody"] }))
      expect(lonely.reason).toBe("not ready within 0.3 s: db, nobody")
    }).pipe(Effect.provide(agent(home, { bounds: { dependencyMillis: 300 } })))
  })
})

describe("a limit", () => {
  it.live("holds from the first moment, and can be changed while it runs", () => {
    const home = house()
    return Effect.gen(function* () {
      const limits = { openFiles: 64, fileBytes: 4096, memoryBytes: 512 * 1024 * 1024 }
      const { id, identity } = yield* booted(running("ulimit -n; exec sleep 300", { limits }))
      yield* Effect.flatMap(Commands, (commands) =>
        commands.submit(
          { _tag: "ChangeLimits", id: freshId(), process: id, limits: { openFiles: 32, cpus: 0.5 } },
          tester,
        ),
      )
      const changed = yield* when(id, (one) => one.limits?.openFiles === 32)
      expect(changed.limits).toMatchObject({ openFiles: 32, fileBytes: 4096 })
      expect(readFileSync(`/proc/${identity?.pid}/limits`, "utf8")).toMatch(/Max open files +32 +32 /)
      const told = (yield* events).flatMap((event) => (event._tag === "ProcessLimitsApplied" ? [event] : []))
      // A share of the processors needs a cgroup; where there is none, that is said.
      if (told[0]?.applied.cpus === undefined)
        expect(told[0]?.refused[0]?.reason).toMatch(/^limit not enforceable here: /)
      yield* stopped(id, 2_000)
      expect(output(home, id)).toBe("64\n")
    }).pipe(Effect.provide(agent(home)))
  })
})

describe("the output", () => {
  const linesOf = (home: House, id: ProcessId, last: number) =>
    OutputFiles.make(home.data)
      .lines({ process: { id, spec: script("sh") }, last, until: null })
      .pipe(Stream.runFold([] as ReadonlyArray<string>, (all, lines) => [...all, ...lines]))

  it.live("is read from its end, over rotated files as well", () => {
    const home = house()
    return Effect.gen(function* () {
      const { id } = yield* booted(running("i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done; printf end"))
      yield* when(id, (one) => one.status === "exited")
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
      expect(yield* linesOf(home, id, 3)).toEqual(["line 298\n", "line 299\n", "end"])
      expect((yield* linesOf(home, id, 250)).length).toBe(250)
    }).pipe(Effect.provide(agent(home, { bounds: { rotateBytes: 1024, rotateCount: 5 } })))
  })

  it.live("is followed until the process has ended, and whole", () => {
    const home = house()
    return Effect.gen(function* () {
      const { id } = yield* booted(running("echo one; printf tw; sleep 0.2; echo o; printf three"))
      const ended = yield* Effect.forkDaemon(when(id, (one) => one.status === "exited")).pipe(Effect.map(Fiber.join))
      const lines = yield* OutputFiles.make(home.data)
        .lines({ process: { id, spec: script("sh") }, last: 10, until: Effect.ignore(ended) })
        .pipe(Stream.runFold("", (all, some) => all + some.join("")))
      expect(lines).toBe("one\ntwo\nthree")
    }).pipe(Effect.provide(agent(home)))
  })
})
