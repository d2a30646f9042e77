// The supervisor with real shims and real programs: what it starts, how it ends, and what is refused.

import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect } from "effect"
import { afterEach, describe, expect } from "vitest"
import { Commands } from "../../../src/commands/Commands.ts"
import type { ProcessSpec } from "../../../src/domain/events/ProcessEvents.ts"
import type { EventLog } from "../../../src/log/EventLog.ts"
import type { Views } from "../../../src/projections/Views.ts"
import { agent, booted, events, eventually, freshId, type House, house, programs, script } from "./agents.ts"
import { leftovers, stopped, sweep, tester, when } from "./agents.ts"

afterEach(async () => {
  expect(await sweep()).toEqual([])
})

const within = <A, E>(home: House, test: Effect.Effect<A, E, Commands | Views | EventLog>) =>
  Effect.provide(test, agent(home))

const tags = Effect.map(events, (all) => all.map((event) => event._tag))

describe("a boot", () => {
  it.live("is told before and after, and its end with the exit code", () => {
    const home = house()
    return within(
      home,
      Effect.gen(function* () {
        const { id, identity } = yield* booted(script("exits.sh"), { CODE: "7" })
        expect(identity?.pid).toBeGreaterThan(1)
        const ended = yield* when(id, (one) => one.status === "exited")
        expect([ended.code, ended.signal]).toEqual([7, null])
        expect(yield* tags).toEqual(["ProcessBootRequested", "ProcessBooted", "ProcessExited"])
        expect(readFileSync(join(home.data, "processes", id, "output.log"), "utf8")).toBe("ending with 7\n")
      }),
    )
  })

  it.live("tells an end by a real-time signal as one", () =>
    within(
      house(),
      Effect.gen(function* () {
        const { id } = yield* booted(script("dies.sh"), { SIGNAL_NUMBER: "35" })
        const ended = yield* when(id, (one) => one.status === "exited")
        expect([ended.code, ended.signal]).toEqual([null, 35])
      }),
    ),
  )

  it.live("gives the asked environment over the agent's own, and keeps its values out of the log", () => {
    const home = house()
    const ready = join(home.data, "shown")
    return within(
      home,
      Effect.gen(function* () {
        const { id } = yield* booted(script("shows.sh"), {
          READY: ready,
          LANG: "de_DE.UTF-8",
          SECRET: "s3cret=\nwith a line",
        })
        yield* when(id, (one) => one.status === "exited")
        const shown = readFileSync(ready, "utf8")
        expect(shown).toContain("SECRET=s3cret=\nwith a line\n")
        expect(shown).toContain("LANG=de_DE.UTF-8\n")
        expect(shown).toContain(`ANNALIST_PROCESS=${id}\n`)
        expect(shown).not.toContain("UNSET")
        expect(JSON.stringify(yield* events)).not.toContain("s3cret")
        const file = join(home.data, "processes", id, "environment")
        expect(statSync(file).mode & 0o777).toBe(0o600)
        expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700)
      }),
    )
  })

  it.live("leaves nothing outside the log after a flush", () => {
    const home = house()
    return within(
      home,
      Effect.gen(function* () {
        const { id } = yield* booted(script("exits.sh"), { CODE: "0" })
        yield* when(id, (one) => one.status === "exited")
        const commands = yield* Commands
        yield* commands.submit({ _tag: "FlushProcess", id: freshId(), process: id }, tester)
        yield* Effect.promise(() =>
          eventually("its directory is gone", () => !existsSync(join(home.data, "processes", id))),
        )
      }),
    )
  })
})

describe("a boot that cannot be", () => {
  const failing: ReadonlyArray<readonly [what: string, spec: (data: string) => Partial<ProcessSpec>, reason: RegExp]> =
    [
      ["a missing script", () => ({ scriptPath: "nowhere.sh" }), /^script not found: nowhere\.sh$/],
      ["a directory", () => ({ scriptPath: "." }), /^script is not a regular file: \.$/],
      [
        "a script outside the roots",
        () => ({ scriptPath: "/etc/hostname" }),
        /^script lies outside the allowed roots: \/etc\/hostname$/,
      ],
      [
        "a missing file outside the roots",
        () => ({ scriptPath: "/etc/nowhere" }),
        /^script lies outside the allowed roots/,
      ],
      [
        "a way out of the roots",
        () => ({ scriptPath: "../../package.json" }),
        /^script lies outside the allowed roots/,
      ],
      [
        "a link that leads out of the roots",
        (data) => ({ scriptPath: join(data, "roots", "link.sh") }),
        /^script lies outside the allowed roots/,
      ],
      ["a NUL in the script's name", () => ({ scriptPath: "exits.sh\0.txt" }), /^the script path contains a NUL byte$/],
      ["a NUL in an argument", () => ({ argv: ["/bin/sh", "a\0b"] }), /^an argument contains a NUL byte$/],
      [
        "a missing working directory",
        () => ({ workingDirectory: "/nowhere" }),
        /^working directory not found: \/nowhere$/,
      ],
      [
        "a file as working directory",
        () => ({ workingDirectory: "/etc/hostname" }),
        /^working directory is not a directory/,
      ],
      [
        "a program that is not there",
        () => ({ argv: ["/nowhere/program"], scriptPath: null }),
        /^cannot run \/nowhere\/program: No such file or directory$/,
      ],
      ["a log that cannot be written", () => ({ logPath: "/proc/nowhere/output" }), /^cannot open the log/],
    ]

  it.live.each(failing)("says why: %s", ([, spec, reason]) => {
    const home = house()
    mkdirSync(join(home.data, "roots"))
    symlinkSync("/etc/hostname", join(home.data, "roots", "link.sh"))
    return Effect.gen(function* () {
      const process = yield* booted(script("exits.sh", spec(home.data)))
      expect(process.status).toBe("boot_failed")
      expect(process.reason).toMatch(reason)
      expect(yield* tags).toEqual(["ProcessBootRequested", "ProcessBootFailed"])
    }).pipe(Effect.provide(agent(home, { scriptRoots: [programs, join(home.data, "roots"), "/no/such/root"] })))
  })

  it.live("says why: more environment than the kernel takes", () =>
    within(
      house(),
      Effect.gen(function* () {
        const process = yield* booted(script("exits.sh"), { HUGE: "x".repeat(1024 * 1024) })
        expect(process.reason).toMatch(/E2BIG/)
      }),
    ),
  )

  it.live("says why: a host without /proc", () =>
    Effect.gen(function* () {
      const process = yield* booted(script("exits.sh"))
      expect(process.reason).toMatch(/no \/proc/)
    }).pipe(Effect.provide(agent(house(), { procRoot: "/nowhere" }))),
  )

  it.live("is over in bounded time with a shim that says nothing, and leaves nobody behind", () => {
    const home = house()
    const mute = join(home.data, "mute.sh")
    writeFileSync(mute, "exec sleep 300\n")
    return Effect.gen(function* () {
      const process = yield* booted(script("exits.sh"))
      expect(process.reason).toBe("the shim said nothing for 100 ms")
    }).pipe(Effect.provide(agent(home, { shim: { command: "/bin/sh", leading: [mute] }, bounds: { bootMillis: 100 } })))
  })

  it.live("tells of a shim that ends without a word, and of one that is not there", () => {
    const home = house()
    return Effect.gen(function* () {
      const one = yield* booted(script("exits.sh")).pipe(
        Effect.provide(agent(home, { shim: { command: "/bin/true", leading: [] } })),
      )
      expect(one.reason).toBe("the shim ended without a word")
      const other = yield* booted(script("exits.sh")).pipe(
        Effect.provide(agent(home, { shim: { command: "/nowhere/shim", leading: [] } })),
      )
      expect(other.reason).toMatch(/^the shim could not be started: .*ENOENT/)
    })
  })
})

describe("a stop", () => {
  it.live("ends a process that listens with the first signal", () =>
    within(
      house(),
      Effect.gen(function* () {
        const { id } = yield* booted(script("sleeper.sh"))
        const ended = yield* stopped(id, 5_000)
        expect([ended.code, ended.signal, ended.lastSignal]).toEqual([null, 15, "SIGTERM"])
      }),
    ),
  )

  it.live("leaves nothing of a tree that ignores it, left the group and forked twice", () => {
    const home = house()
    const ready = join(home.data, "ready")
    return within(
      home,
      Effect.gen(function* () {
        const { id } = yield* booted(script("stubborn.sh"), { READY: ready })
        yield* Effect.promise(() => eventually("the tree is grown", () => existsSync(ready)))
        // The script and its four sleepers, the one it waits for, and the shim.
        yield* Effect.promise(() => eventually("all are there", () => leftovers().length === 7))
        const ended = yield* stopped(id, 100)
        expect([ended.code, ended.signal, ended.lastSignal]).toEqual([null, 9, "SIGKILL"])
        expect(leftovers()).toEqual([])
      }),
    )
  })

  it.live("is hurried by a harsher one", () => {
    const home = house()
    const ready = join(home.data, "ready")
    return within(
      home,
      Effect.gen(function* () {
        const { id } = yield* booted(script("stubborn.sh"), { READY: ready })
        yield* Effect.promise(() => eventually("the tree is grown", () => existsSync(ready)))
        const commands = yield* Commands
        const ask = (signal: string) =>
          commands.submit({ _tag: "StopProcess", id: freshId(), process: id, signal, graceMillis: 60_000 }, tester)
        yield* ask("SIGTERM")
        yield* ask("SIGKILL")
        const ended = yield* when(id, (one) => one.status === "stopped")
        expect(ended.signal).toBe(9)
      }),
    )
  })

  it.live("that comes before the boot is over is carried out after it", () =>
    within(
      house(),
      Effect.gen(function* () {
        const commands = yield* Commands
        const id = freshId()
        const running = yield* Effect.fork(booted(script("sleeper.sh"), null, id))
        const process = yield* when(`process-${id}` as never, () => true)
        yield* commands.submit(
          { _tag: "StopProcess", id: freshId(), process: process.id, signal: "SIGTERM", graceMillis: 5_000 },
          tester,
        )
        const ended = yield* when(process.id, (one) => one.status === "stopped")
        expect(ended.signal).toBe(15)
        yield* running
      }),
    ),
  )

  it.live("finds by the marker what a shim that was killed left behind", () => {
    const home = house()
    const ready = join(home.data, "ready")
    return within(
      home,
      Effect.gen(function* () {
        const { id, identity } = yield* booted(script("stubborn.sh"), { READY: ready })
        yield* Effect.promise(() => eventually("the tree is grown", () => existsSync(ready)))
        const shim = Number(readFileSync(`/proc/${identity?.pid}/stat`, "latin1").split(") ")[1]?.split(" ")[1])
        process.kill(shim, "SIGKILL")
        const ended = yield* stopped(id, 50)
        expect([ended.code, ended.signal]).toEqual([null, null])
        expect(leftovers()).toEqual([])
      }),
    )
  })

  it.live("wakes a halted process, so that it can end by itself", () =>
    within(
      house(),
      Effect.gen(function* () {
        const { id, identity } = yield* booted(script("sleeper.sh"))
        process.kill(identity?.pid ?? 0, "SIGSTOP")
        const ended = yield* stopped(id, 5_000)
        expect(ended.signal).toBe(15)
      }),
    ),
  )
})
