// The supervisor's pure parts: whom a signal is for, whom it must never reach, and what a signal is.

import { describe, expect, it } from "vitest"
import { fateOf, type Facts } from "../../../src/reactors/supervisor/fate.ts"
import * as Kernel from "../../../src/reactors/supervisor/Kernel.ts"
import * as killGuard from "../../../src/reactors/supervisor/killGuard.ts"
import * as signals from "../../../src/reactors/supervisor/signals.ts"
import { membersOf } from "../../../src/reactors/supervisor/tree.ts"

const one = (pid: number, parentPid: number, more: Partial<Kernel.KernelProcess> = {}): Kernel.KernelProcess => ({
  pid,
  parentPid,
  group: pid,
  session: pid,
  state: "S",
  isKernelThread: false,
  startTicks: pid * 10,
  ...more,
})

describe("a kill guard", () => {
  const agents = new Set([500, 400, 1])
  const found = one(700, 600)
  const refusals: ReadonlyArray<readonly [what: string, target: killGuard.Target, reason: RegExp]> = [
    ["pid 1", { pid: 1, startTicks: null, found: one(1, 0) }, /^pid 1 is not a process that may be signalled$/],
    ["pid 0, the own group", { pid: 0, startTicks: null, found: null }, /may be signalled/],
    ["pid -1, everybody", { pid: -1, startTicks: null, found: null }, /may be signalled/],
    ["a pid that is no integer", { pid: 7.5, startTicks: null, found: null }, /may be signalled/],
    ["the agent", { pid: 500, startTicks: null, found: one(500, 400) }, /the agent itself/],
    ["an ancestor of it", { pid: 400, startTicks: null, found: one(400, 1) }, /one of its ancestors/],
    ["a kernel thread", { pid: 2, startTicks: null, found: one(2, 0, { isKernelThread: true }) }, /kernel thread/],
    ["nobody", { pid: 700, startTicks: 7000, found: null }, /^no process has the pid 700$/],
    [
      "another process",
      { pid: 700, startTicks: 6999, found },
      /another process now \(started at tick 7000, not 6999\)/,
    ],
  ]

  it.each(refusals)("refuses %s", (_, target, reason) => {
    expect(killGuard.refusal(target, agents)).toMatch(reason)
  })

  it("lets the process pass that is meant", () => {
    expect(killGuard.refusal({ pid: 700, startTicks: 7000, found }, agents)).toBeNull()
  })

  it("refuses the groups 0, 1 and its own line's", () => {
    expect([0, 1, 500].map((group) => killGuard.groupRefusal(group, agents)).includes(null)).toBe(false)
    expect(killGuard.groupRefusal(700, agents)).toBeNull()
  })

  it("knows the agent's line up to the first process", () => {
    const line = Kernel.lineage(Kernel.make(), process.pid)
    expect([process.pid, process.ppid].every((pid) => line.has(pid))).toBe(true)
  })
})

describe("the members of a tree", () => {
  const shim = one(100, 1)
  const main = one(101, 100)
  const root = { pid: 101, startTicks: 1010, shimPid: 100 }
  const pids = (members: ReturnType<typeof membersOf>) => [
    members.inGroup?.group ?? null,
    ...members.outside.map(({ pid }) => pid),
  ]

  it("are its group, and one by one whoever left it", () => {
    const table = [
      shim,
      main,
      one(102, 101, { group: 101, session: 101 }),
      one(103, 101),
      one(104, 103, { group: 103, session: 103 }),
      one(105, 100),
      one(200, 1),
    ]
    expect(pids(membersOf(table, root))).toEqual([101, 103, 104, 105])
  })

  it("leave out the shim and the dead", () => {
    expect(pids(membersOf([shim, one(101, 100, { state: "Z" }), one(102, 100, { state: "Z" })], root))).toEqual([null])
  })

  it("do not hold another process that has the pid now, nor its group", () => {
    const stranger = one(101, 1, { startTicks: 5 })
    expect(pids(membersOf([stranger, one(102, 101, { group: 101 })], { ...root, shimPid: null }))).toEqual([null])
  })

  it("hold the group of a dead main process while the shim's descendants are in it", () => {
    expect(pids(membersOf([shim, one(102, 100, { group: 101, session: 101 })], root))).toEqual([101])
  })

  it("hold whoever carries the marker, wherever it hangs", () => {
    expect(pids(membersOf([shim, main, one(300, 1)], root, ({ pid }) => pid === 300))).toEqual([101, 300])
  })
})

describe("a stat line", () => {
  const rest = "S 10 20 30 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 159303 0 0"

  it("is read after the last parenthesis of the name", () => {
    expect(Kernel.parseStat(`42 (a) R 1 1 (b) ${rest}\n`)).toEqual(
      one(42, 10, { group: 20, session: 30, startTicks: 159303 }),
    )
  })

  it("tells a kernel thread", () => {
    expect(Kernel.parseStat("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 0 0 0")?.isKernelThread).toBe(
      true,
    )
  })

  it("is nothing when it is cut short", () => {
    expect(["", "42", "42 (a", "42 (a) S 10 20"].map(Kernel.parseStat)).toEqual([null, null, null, null])
  })
})

describe("a signal", () => {
  it("goes by name, by place among the real-time ones, and by number", () => {
    expect(["SIGTERM", "SIGKILL", "SIGRTMIN", "SIGRTMIN+3", "37", "64"].map(signals.numberOf)).toEqual([
      15, 9, 34, 37, 37, 64,
    ])
  })

  it("is refused when it is none", () => {
    const none = ["", "TERM", "SIGNONE", "0", "65", "-9", "SIGRTMIN+31", "9.5", "__proto__", "toString"]
    expect(none.map(signals.numberOf)).toEqual(none.map(() => null))
  })
})

describe("the fate of a process that nobody watched", () => {
  const record = { pid: 101, start_ticks: 1010, boot_id: "boot", shim_pid: 100, shim_start_ticks: 1000 }
  const logged = { bootId: "boot", pid: 101, startTicks: 1010 }
  const stop = { signal: "SIGTERM", force: "SIGKILL", graceMillis: 10 }
  const nothing: Facts = { identity: null, failure: null, status: null, lives: { main: false, shim: false } }
  const judge = (known: Partial<Parameters<typeof fateOf>[0]>, facts: Partial<Facts>) =>
    fateOf({ identity: null, stop: null, ...known }, { ...nothing, ...facts })

  it("is a failed boot when there is no trace of it, or the shim's own words", () => {
    expect(judge({}, {})).toMatchObject({
      _tag: "NeverBooted",
      reason: "the agent ended before the process was started",
    })
    expect(judge({}, { failure: { step: "exec", errno: 2, error: "No such file", path: "/x" } })).toMatchObject({
      reason: "cannot run /x: No such file",
    })
  })

  it("is life when the process is there, with the shim's record or without it", () => {
    const lives = { main: true, shim: false }
    expect(judge({}, { identity: record, lives })).toMatchObject({ _tag: "Living", root: { shim: { pid: 100 } } })
    expect(judge({ identity: logged }, { lives })).toMatchObject({ _tag: "Living", root: { shim: null } })
  })

  it("is life under a stop until the whole tree is gone", () => {
    const lives = { main: false, shim: true }
    const status = { code: 0, signal: null }
    expect(judge({ identity: logged, stop }, { identity: record, lives, status })._tag).toBe("Living")
    expect(judge({ identity: logged }, { identity: record, lives, status })).toMatchObject({
      _tag: "Ended",
      status: { code: 0 },
    })
  })

  it("is an unknown end without a status, never a good one", () => {
    expect(judge({ identity: logged }, { identity: record })).toMatchObject({ _tag: "Ended", status: null })
  })
})
