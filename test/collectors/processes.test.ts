// The managed processes' counters: from files whose every value is asserted, and from processes that run.

import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as fc from "fast-check"
import { afterEach, describe, expect } from "vitest"
import * as ProcessCollector from "../../src/collectors/ProcessCollector.ts"
import * as ProcessStat from "../../src/collectors/ProcessStat.ts"
import { proc, removeTrees } from "./tree.ts"

afterEach(removeTrees)

const look = (managed: ReadonlyArray<ProcessCollector.Managed>, procRoot?: string) =>
  ProcessCollector.make({
    intervalMillis: 1000,
    managed: Effect.succeed(managed),
    ...(procRoot === undefined ? {} : { procRoot }),
  }).collect

const seen = (managed: ReadonlyArray<ProcessCollector.Managed>, procRoot?: string) =>
  Effect.map(look(managed, procRoot), (observation) => Option.getOrThrow(observation).processes)

const pids = (managed: ReadonlyArray<ProcessCollector.Managed>, procRoot: string) =>
  Effect.map(seen(managed, procRoot), (all) => all.map(({ pid }) => pid).toSorted((a, b) => a - b))

describe("the process collector", () => {
  it.effect("reads every counter from its place", () => {
    const tree = proc()
    const main = tree.add({
      pid: 101,
      parent: 100,
      name: "worker",
      state: "R",
      userTicks: 30,
      systemTicks: 12,
      threads: 5,
      startTicks: 777,
      virtualBytes: 123_456_789,
      residentPages: 10,
      io: { read: 4096, written: 8192 },
    })
    return Effect.gen(function* () {
      expect(yield* seen([main], tree.root)).toEqual([
        {
          pid: 101,
          startTicks: 777,
          parentPid: 100,
          name: "worker",
          state: "R",
          cpuTicks: 42,
          residentBytes: 40_960,
          virtualBytes: 123_456_789,
          threads: 5,
          readBytes: 4096,
          writtenBytes: 8192,
        },
      ])
    })
  })

  it.effect("looks closer at a whole tree where that is wanted", () => {
    const tree = proc()
    const main = tree.add({ pid: 101, parent: 1 })
    tree.add({ pid: 102, parent: 101 })
    const other = tree.add({ pid: 201, parent: 1 })
    tree.write("102/fd/0", "")
    tree.write("102/fd/1", "")
    tree.write(
      "102/net/dev",
      "Inter-|   Receive\n face |bytes\n    lo: 9 1 1 1 1 1 1 1 9 1 1 1 1 1 1 1\n  eth0:1000 1 2 3 4 5 6 7 2000 1 2 3 4 5 6 7\n  eth1: 5 0 0 0 0 0 0 0 6 0 0 0 0 0 0 0\n",
    )
    tree.write("102/status", "VmRSS:\t  2048 kB\n")
    tree.write("102/smaps_rollup", "0-1 ---p\nRss: 2048 kB\nPss:     512 kB\nPss_Dirty: 1 kB\n")
    return Effect.gen(function* () {
      const wants = { descriptors: true, network: true, memory: true }
      const found = yield* seen([{ ...main, wants }, other], tree.root)
      expect(found.find(({ pid }) => pid === 102)).toMatchObject({
        descriptors: 2,
        receivedBytes: 1005,
        sentBytes: 2006,
        proportionalBytes: 512 * 1024,
      })
      for (const pid of [101, 201])
        expect(found.find((one) => one.pid === pid)).toMatchObject({ descriptors: null, sentBytes: null })
    })
  })

  it.effect("sees nothing, and reads nothing, when nothing is managed", () =>
    Effect.gen(function* () {
      expect(yield* look([], "/nowhere")).toEqual(Option.none())
    }),
  )

  it.effect("follows the tree down, and to the shim for those who escaped from it", () => {
    const tree = proc()
    tree.add({ pid: 1, parent: 0 })
    tree.add({ pid: 100, parent: 1, name: "annalist-shim" })
    const main = tree.add({ pid: 101, parent: 100 })
    tree.add({ pid: 102, parent: 101 })
    tree.add({ pid: 103, parent: 102 })
    tree.add({ pid: 104, parent: 100 })
    tree.add({ pid: 200, parent: 1 })
    return Effect.gen(function* () {
      expect(yield* pids([main], tree.root)).toEqual([101, 102, 103, 104])
    })
  })

  it.effect("takes no brothers for children when the parent is no shim", () => {
    const tree = proc()
    tree.add({ pid: 1, parent: 0, name: "init" })
    const main = tree.add({ pid: 101, parent: 1 })
    tree.add({ pid: 102, parent: 1 })
    return Effect.gen(function* () {
      expect(yield* pids([main], tree.root)).toEqual([101])
    })
  })

  it.effect("does not take another process for the one that had its pid, nor one of another boot", () => {
    const tree = proc()
    const main = tree.add({ pid: 101, parent: 1 })
    return Effect.gen(function* () {
      expect(yield* seen([{ ...main, startTicks: 5 }], tree.root)).toEqual([])
      expect(yield* seen([{ ...main, bootId: "another" }], tree.root)).toEqual([])
    })
  })

  it.effect(
    "leaves out what ended, what is cut short and what is no process, and says null of what it may not read",
    () => {
      const tree = proc({ "103/stat": "", "104/stat": "104 (cut) S 101 104", "105/comm": "gone", self: "link" })
      const main = tree.add({ pid: 101, parent: 1 })
      tree.add({ pid: 102, parent: 101, io: { read: 1, written: 2 } })
      return Effect.gen(function* () {
        const [one, two, ...rest] = (yield* seen([main], tree.root)).toSorted((a, b) => a.pid - b.pid)
        expect([one?.readBytes, one?.writtenBytes]).toEqual([null, null])
        expect([two?.readBytes, two?.writtenBytes]).toEqual([1, 2])
        expect(rest).toEqual([])
      })
    },
  )

  it.effect("fails, and says so, without a /proc", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(look([{ bootId: "b", pid: 2, startTicks: 3 }], "/nowhere"))
      expect(error.reason).toMatch(/ENOENT/)
    }),
  )

  it.live("sees what runs here as the kernel shows it, through the end of a process too", () =>
    Effect.gen(function* () {
      const child = spawn("sleep", ["300"], { stdio: "ignore" })
      const stat = () => readFileSync(`/proc/${child.pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? []
      const identity = {
        bootId: readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim(),
        pid: child.pid ?? 0,
        startTicks: Number(stat()[19]),
      }
      const [one] = yield* seen([identity])
      const status = readFileSync(`/proc/${child.pid}/status`, "latin1")
      const kibibytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024
      expect(one).toMatchObject({
        name: "sleep",
        parentPid: process.pid,
        threads: 1,
        virtualBytes: kibibytes("VmSize"),
      })
      // The kernel sums what a process has resident from counters that it keeps a little late.
      expect(Math.abs((one?.residentBytes ?? 0) - kibibytes("VmRSS"))).toBeLessThanOrEqual(64 * 4096)
      const ended = new Promise((resolve) => child.once("exit", resolve))
      child.kill("SIGKILL")
      yield* Effect.promise(() => ended)
      expect(yield* seen([identity])).toEqual([])
    }),
  )
})

describe("a stat line", () => {
  const parse = (line: Buffer) => {
    const buffer = Buffer.alloc(4096, ")")
    line.copy(buffer)
    return ProcessStat.parse(buffer, line.length)
  }
  const numbers = Array.from({ length: 49 }, (_, index) => index + 4)

  it("is read right whatever bytes the name has", () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 64 }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(bytes, (name) => {
        const line = Buffer.concat([Buffer.from("42 ("), name, Buffer.from(`) R ${numbers.join(" ")}\n`)])
        expect(parse(line)).toEqual({
          pid: 42,
          name: name.toString("utf8"),
          state: "R",
          parentPid: 4,
          cpuTicks: 14 + 15,
          threads: 20,
          startTicks: 22,
          virtualBytes: 23,
          residentPages: 24,
        })
        const buffer = Buffer.from(line)
        expect(ProcessStat.parseKinship(buffer, buffer.length)).toEqual({ parentPid: 4, startTicks: 22 })
      }),
    )
  })

  it("is read right with a name that looks like one", () => {
    expect(parse(Buffer.from(`42 (a) R 1 1 (b) S ${numbers.join(" ")}`))).toMatchObject({
      name: "a) R 1 1 (b",
      state: "S",
    })
  })

  it("is nothing when it is empty or cut, wherever", () => {
    const line = `42 (name) S ${numbers.slice(0, 21).join(" ")}`
    for (let length = 0; length <= line.length; length++) expect(parse(Buffer.from(line.slice(0, length)))).toBeNull()
  })

  it("keeps negative numbers negative", () => {
    const odd = numbers.map((number) => (number === 4 ? -1 : number))
    expect(parse(Buffer.from(`42 (name) S ${odd.join(" ")}`))?.parentPid).toBe(-1)
  })
})
