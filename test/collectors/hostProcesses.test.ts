// Every process of the host: what a look tells, what it leaves out, and that folding the looks gives back what there is.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { afterEach, describe, expect } from "vitest"
import * as HostProcessCollector from "../../src/collectors/HostProcessCollector.ts"
import { Position } from "../../src/domain/Brands.ts"
import type { Event } from "../../src/domain/Event.ts"
import * as HostProcesses from "../../src/domain/samples/HostProcesses.ts"
import { proc, removeTrees } from "./tree.ts"

afterEach(removeTrees)

const collector = (root: string, wholeEvery = 40) => {
  writeFileSync(join(root, "passwd"), "root:x:0:0::/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n")
  const { collect } = HostProcessCollector.make({
    intervalMillis: 1000,
    procRoot: root,
    passwdFile: join(root, "passwd"),
    wholeEvery,
  })
  return Effect.map(collect, Option.getOrThrow)
}

type Look = Effect.Effect.Success<ReturnType<typeof collector>>

const envelope = (event: Event) => ({ position: Position(1), at: 7e6, mono: 0, actor: "", command: null, event })

/** Looks taken a second apart, each with the state after it. */
const folded = (looks: ReadonlyArray<Look>, seconds: ReadonlyArray<number> = looks.map((_, index) => index)) => {
  let state = HostProcesses.initial()
  looks.forEach((look, index) => {
    const event = { ...look, collector: "host-processes", takenMicros: (seconds[index] ?? 0) * 1e6 }
    state = HostProcesses.evolve(state, envelope(event))
  })
  return state
}

const cpuOf = (state: HostProcesses.HostProcesses, pid: number) => {
  const row = state.rows.get(pid)
  return row === undefined ? null : HostProcesses.cpuPercent(state, row)
}

describe("the collector of every process", () => {
  it.effect("tells who a process is and what it takes", () => {
    const tree = proc({ stat: "cpu 1 2 3 4\nbtime 1700000000\n" })
    tree.add({ pid: 7, parent: 1, name: "worker", state: "R", userTicks: 3, systemTicks: 4, residentPages: 5 })
    tree.write("7/cmdline", Buffer.from("py\xff\0a b\0--x\0", "latin1"))
    tree.write("7/status", "Name:\tworker\nUid:\t1000\t0\t0\t0\n")
    tree.write("7/cgroup", "12:memory:/docker/abc\n0::/\n")
    return Effect.gen(function* () {
      const look = yield* collector(tree.root)
      expect(look).toEqual({
        _tag: "ProcessesSampled",
        look: 1,
        whole: true,
        total: 1,
        bootSeconds: 1_700_000_000,
        facts: [
          {
            pid: 7,
            startTicks: 70,
            parentPid: 1,
            group: 7,
            name: "worker",
            nice: 0,
            uid: 1000,
            user: "ada",
            commandLine: "py\u{fffd} a b --x",
            cgroup: "/docker/abc",
          },
        ],
        changed: [[7, "R", 7, 20_480, 1]],
        ended: [],
      })
    })
  })

  it.effect("then tells only what changed and who ended", () => {
    const tree = proc()
    tree.add({ pid: 7, parent: 1 })
    tree.add({ pid: 8, parent: 1 })
    tree.add({ pid: 9, parent: 1 })
    return Effect.gen(function* () {
      const look = collector(tree.root)
      yield* look
      tree.add({ pid: 8, parent: 1, userTicks: 5 })
      tree.remove("9")
      tree.add({ pid: 10, parent: 8 })
      const second = yield* look
      expect(second.facts.map(({ pid }) => pid)).toEqual([10])
      expect(new Set(second.changed.map(([pid]) => pid))).toEqual(new Set([8, 10]))
      expect([second.whole, second.total, second.ended]).toEqual([false, 3, [9]])
    })
  })

  it.effect("takes a pid that was given to somebody else for somebody else", () => {
    const tree = proc()
    tree.add({ pid: 7, parent: 1, name: "old", userTicks: 500, startTicks: 70 })
    return Effect.gen(function* () {
      const look = collector(tree.root)
      const first = yield* look
      tree.add({ pid: 7, parent: 1, name: "new", userTicks: 900, startTicks: 80 })
      const state = folded([first, yield* look])
      expect(state.rows.get(7)?.facts.name).toBe("new")
      expect(cpuOf(state, 7)).toBe(0)
    })
  })

  it.effect("is not deceived by names, and leaves out what is cut short or empty", () => {
    const tree = proc({ "12/stat": "", "13/stat": "13 (cut) S 1 13", "14/comm": "gone", self: "x" })
    tree.add({ pid: 7, parent: 3, name: "a) R 1 1 (b", userTicks: 2 })
    tree.add({ pid: 8, parent: 3, name: Buffer.from([0xff, 0x29, 0x0a, 0x28]), state: "Z" })
    return Effect.gen(function* () {
      const state = folded([yield* collector(tree.root)])
      const row = state.rows.get(7)
      expect([row?.facts.name, row?.facts.parentPid, row?.state, row?.cpuTicks]).toEqual(["a) R 1 1 (b", 3, "S", 2])
      expect(state.rows.get(8)?.facts.name).toBe("\u{fffd})\n(")
      expect(HostProcesses.zombies(state)).toBe(1)
      expect([state.total, state.rows.size]).toEqual([2, 2])
    })
  })

  it.effect("passes by what is not ours to read, and keeps everybody else, as under hidepid", () => {
    const tree = proc()
    tree.add({ pid: 7, parent: 1 })
    // Root may read everything: a name that leads in a ring is refused to everybody.
    mkdirSync(join(tree.root, "8"))
    symlinkSync("stat", join(tree.root, "8", "stat"))
    tree.add({ pid: 9, parent: 1 })
    for (const file of ["status", "cmdline", "cgroup", "schedstat"]) symlinkSync(file, join(tree.root, "9", file))
    return Effect.gen(function* () {
      const look = collector(tree.root)
      const first = yield* look
      expect(new Set(first.facts.map(({ pid }) => pid))).toEqual(new Set([7, 9]))
      expect(first.facts.find(({ pid }) => pid === 9)).toMatchObject({
        uid: null,
        user: null,
        commandLine: "",
        cgroup: null,
      })
      const second = yield* look
      expect([first.total, second.total, second.changed, second.ended]).toEqual([2, 2, [], []])
    })
  })

  it.live("leaves out one that dies between the listing and the reading, and one whose file it holds open", () =>
    Effect.gen(function* () {
      const root = mkdtempSync(join(tmpdir(), "annalist-dying-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(root, { recursive: true })))
      const child = spawn("sleep", ["300"], { stdio: "ignore" })
      const pid = child.pid ?? 0
      // The listing goes on naming it, as if it died right after.
      symlinkSync(`/proc/${pid}`, join(root, String(pid)))
      symlinkSync(`/proc/${process.pid}`, join(root, String(process.pid)))
      const look = collector(root)
      const first = yield* look
      expect(new Set(first.facts.map((one) => one.pid))).toEqual(new Set([pid, process.pid]))
      const closed = once(child, "close")
      child.kill("SIGKILL")
      yield* Effect.promise(() => closed)
      const second = yield* look
      expect([second.total, second.ended]).toEqual([1, [pid]])
    }).pipe(Effect.scoped),
  )

  it.effect("does not read one that has not run, and reads it when it has, or when its parent ended", () => {
    const tree = proc()
    tree.add({ pid: 3, parent: 1 })
    tree.add({ pid: 4, parent: 3 })
    tree.write("4/schedstat", "1000 5 1\n")
    return Effect.gen(function* () {
      const look = collector(tree.root)
      yield* look
      yield* look
      // What the scheduler did not see happen is not looked for.
      tree.add({ pid: 4, parent: 3, userTicks: 8 })
      expect((yield* look).changed).toEqual([])
      tree.write("4/schedstat", "2000 5 2\n")
      expect((yield* look).changed.map(([pid]) => pid)).toEqual([4])
      tree.remove("3")
      expect((yield* look).ended).toEqual([3])
      tree.add({ pid: 4, parent: 1, userTicks: 8 })
      expect((yield* look).facts.map(({ pid, parentPid }) => [pid, parentPid])).toEqual([[4, 1]])
    })
  })

  it.effect("counts processor time over the time between the looks, a missed look and a lost one included", () => {
    const tree = proc()
    return Effect.gen(function* () {
      const look = collector(tree.root, 3)
      const at = (ticks: number) =>
        Effect.suspend(() => {
          tree.add({ pid: 7, parent: 1, userTicks: ticks })
          return look
        })
      const one = yield* at(0)
      const two = yield* at(50)
      expect(cpuOf(folded([one, two]), 7)).toBe(50)
      // The look in between never came: ten seconds lie between these two.
      expect(cpuOf(folded([one, two], [0, 10]), 7)).toBe(5)
      const three = yield* at(150)
      const four = yield* at(150)
      // The third was lost, the fourth tells everything: 100 ticks in two seconds.
      expect([four.whole, cpuOf(folded([one, two, four], [0, 1, 3]), 7)]).toEqual([true, 50])
      const five = yield* at(450)
      const six = yield* at(460)
      // The fifth was lost and the sixth tells changes only: nothing is said of them until a whole one comes.
      const state = folded([one, two, three, four, six])
      expect([state.look, cpuOf(state, 7)]).toEqual([4, 0])
      expect(cpuOf(folded([one, two, three, four, five, six]), 7)).toBe(10)
    })
  })

  it.effect("counts processor time right while the wall clock jumps an hour back, and a day on", () => {
    const tree = proc()
    return Effect.gen(function* () {
      const look = collector(tree.root)
      let state = HostProcesses.initial()
      const found: Array<number | null> = []
      for (const [index, at] of [7200e6, 3601e6, 90_002e6].entries()) {
        tree.add({ pid: 7, parent: 1, userTicks: 40 * index })
        const event = { ...(yield* look), collector: "host-processes", takenMicros: index * 2e6 }
        state = HostProcesses.evolve(state, { ...envelope(event), at })
        found.push(cpuOf(state, 7))
      }
      expect(found).toEqual([0, 20, 20])
    })
  })

  it.live("sees this host, and a process that works as one that works", () =>
    Effect.gen(function* () {
      const child = yield* Effect.acquireRelease(
        Effect.sync(() => spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" })),
        (busy) => Effect.sync(() => busy.kill("SIGKILL")),
      )
      const pid = child.pid ?? 0
      const { collect } = HostProcessCollector.make({ intervalMillis: 1000 })
      const look = Effect.map(collect, Option.getOrThrow)
      const first = yield* look
      const start = performance.now()
      const ticksNow = (state: HostProcesses.HostProcesses) => state.rows.get(pid)?.cpuTicks ?? 0
      let last = first
      while (performance.now() - start < 10_000 && ticksNow(folded([first, last])) - ticksNow(folded([first])) < 10) {
        yield* Effect.sleep("50 millis")
        last = yield* look
      }
      const state = folded([first])
      expect(state.rows.get(process.pid)?.facts.name).not.toBe("")
      expect(state.rows.get(pid)?.facts.parentPid).toBe(process.pid)
      expect(state.rows.get(pid)?.facts.commandLine).toContain("while")
      expect(last.changed.some(([one]) => one === pid)).toBe(true)
    }).pipe(Effect.scoped),
  )
})
