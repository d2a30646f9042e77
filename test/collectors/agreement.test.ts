// What a look tells of a halted process is what ps and psutil tell of it, to the last digit but for memory.

import { execFileSync, spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { describe, expect } from "vitest"
import * as HostProcessCollector from "../../src/collectors/HostProcessCollector.ts"
import * as Inspection from "../../src/collectors/Inspection.ts"

const psutil = existsSync("/usr/lib/python3/dist-packages/psutil/__init__.py")

/** Its counters stand still, so that whoever looks sees the same. */
const halted = (program: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "ignore"] })
      const pid = child.pid ?? 0
      await new Promise((resolve) => child.stdout.once("data", resolve))
      process.kill(pid, "SIGSTOP")
      while (!/\) T /.test(readFileSync(`/proc/${pid}/stat`, "latin1"))) await new Promise(setImmediate)
      return { pid, child }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL")),
  )

const busy =
  "const until = Date.now() + 300; while (Date.now() < until); require('net').createServer().listen(0, '127.0.0.1', () => console.log('x')); setInterval(() => {}, 1)"

/** On a crowded host facts are told over several looks. */
const looked = (pid: number) =>
  Effect.gen(function* () {
    const { collect } = HostProcessCollector.make({ intervalMillis: 1000 })
    while (true) {
      const look = Option.getOrThrow(yield* collect)
      const row = look.changed.find((one) => one[0] === pid)
      const facts = look.facts.find((one) => one.pid === pid)
      if (row !== undefined && facts !== undefined) return { row, facts, boot: look.bootSeconds }
    }
  }).pipe(Effect.timeout("20 seconds"))

/** The kernel counts pages by processor and adds them up in batches: its own files differ by some of them. */
const residentTolerance = 2 ** 20

describe("a look agrees", () => {
  it.live("with ps", () =>
    Effect.gen(function* () {
      const { pid } = yield* halted(busy)
      const { row, facts } = yield* looked(pid)
      const asked = "ppid=,pgid=,nlwp=,ni=,uid=,comm=,stat=,rss="
      const told = execFileSync("ps", ["-o", asked, "-p", String(pid)], { encoding: "utf8" })
        .trim()
        .split(/\s+/)
      const [, state, , resident, threads] = row
      const { parentPid, group, nice, uid, name } = facts
      expect(told.slice(0, 6)).toEqual([parentPid, group, threads, nice, uid, name].map(String))
      expect(Math.abs(Number(told[7]) * 1024 - resident)).toBeLessThan(residentTolerance)
      expect(told[6]?.startsWith(state)).toBe(true)
    }).pipe(Effect.scoped),
  )

  it.live.skipIf(!psutil)(psutil ? "with psutil" : "with psutil (wants python3-psutil)", () =>
    Effect.gen(function* () {
      const { pid } = yield* halted(busy)
      const { row, facts, boot } = yield* looked(pid)
      const details = Inspection.make()(pid)?.details
      const program = `
import json, psutil
one = psutil.Process(${pid})
times = one.cpu_times()
print(json.dumps([round((times.user + times.system) * 100), one.num_threads(), one.username(),
  one.num_fds(), len(one.connections()), len(one.open_files()), one.cwd(), one.memory_info().rss, one.create_time()]))`
      const told = JSON.parse(execFileSync("/usr/bin/python3", ["-c", program], { encoding: "utf8" })) as Array<unknown>
      const created = told.pop()
      const memory = told.pop()
      const { descriptors, connections, openFiles, workingDirectory } = details ?? {}
      const [, , ticks, resident, threads] = row
      expect(told).toEqual([ticks, threads, facts.user, descriptors, connections, openFiles, workingDirectory])
      expect(Math.abs(Number(created) - (boot + facts.startTicks / 100))).toBeLessThan(0.02)
      expect(Math.abs(Number(memory) - resident)).toBeLessThan(residentTolerance)
      expect(ticks).toBeGreaterThan(3)
    }).pipe(Effect.scoped),
  )
})
