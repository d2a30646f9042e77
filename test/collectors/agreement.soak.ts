// What is sampled under stress-ng agrees with psutil, taken over the same seconds: processor time, memory, threads, descriptors, storage.

import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import * as HostProcessCollector from "../../src/collectors/HostProcessCollector.ts"
import * as ProcessCollector from "../../src/collectors/ProcessCollector.ts"
import { Position } from "../../src/domain/Brands.ts"
import type { Event } from "../../src/domain/Event.ts"
import * as HostProcesses from "../../src/domain/samples/HostProcesses.ts"

const wanted = {
  "stress-ng": "/usr/bin/stress-ng",
  "python3-psutil": "/usr/lib/python3/dist-packages/psutil/__init__.py",
}
const missing = Object.entries(wanted).flatMap(([name, file]) => (existsSync(file) ? [] : [name]))
const title =
  missing.length === 0 ? "sampling under stress-ng" : `sampling under stress-ng (wants ${missing.join(", ")})`

const peer = `
import json, sys, time, psutil
seen = {}
for line in sys.stdin:
    now = time.monotonic()
    found = {}
    for one in psutil.process_iter():
        try:
            if "stress-ng" not in one.name(): continue
            times = one.cpu_times()
            io = one.io_counters()
            found[one.pid] = [times.user + times.system, one.memory_info().rss, one.num_threads(), one.num_fds(), io.read_bytes, io.write_bytes, now]
        except psutil.NoSuchProcess: pass
    print(json.dumps(found), flush=True)
`

type Told = Readonly<
  Record<
    string,
    readonly [cpu: number, rss: number, threads: number, fds: number, read: number, written: number, at: number]
  >
>

const rounds = 5
const spanMillis = 5000
/** Points of one core; both round to hundredths of a second over five seconds. */
const cpuTolerance = 6
const sizeTolerance = 0.1

describe.skipIf(missing.length > 0)(title, () => {
  it("agrees with psutil", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "annalist-stress-"))
    const load = [
      "--cpu",
      "1",
      "--cpu-load",
      "60",
      "--vm",
      "1",
      "--vm-bytes",
      "64M",
      "--vm-keep",
      "--hdd",
      "1",
      "--hdd-bytes",
      "16M",
      "--sleep",
      "1",
    ]
    const stress = spawn("stress-ng", [...load, "--temp-path", folder, "--timeout", "100"], {
      stdio: "ignore",
      detached: true,
    })
    const other = spawn("/usr/bin/python3", ["-c", peer], { stdio: ["pipe", "pipe", "inherit"] })
    const ask = async () => {
      other.stdin.write("\n")
      const [line] = (await once(other.stdout, "data")) as [Buffer]
      return JSON.parse(line.toString()) as Told
    }
    const { collect } = HostProcessCollector.make({ intervalMillis: 1000 })
    const bootId = execFileSync("cat", ["/proc/sys/kernel/random/boot_id"], { encoding: "utf8" }).trim()
    let state = HostProcesses.initial()
    const look = async () => {
      const seen = Option.getOrThrow(await Effect.runPromise(collect))
      const takenMicros = Number(process.hrtime.bigint() / 1000n)
      const event: Event = { ...seen, collector: "host-processes", takenMicros }
      state = HostProcesses.evolve(state, { position: Position(1), at: 0, mono: 0, actor: "", command: null, event })
    }
    /** All of it stands still meanwhile: however far apart they look, both see the same. */
    const both = async () => {
      process.kill(-(stress.pid ?? 0), "SIGSTOP")
      try {
        await look()
        return await ask()
      } finally {
        process.kill(-(stress.pid ?? 0), "SIGCONT")
      }
    }
    try {
      await new Promise((resolve) => setTimeout(resolve, spanMillis))
      let before = await both()
      let compared = 0
      for (let round = 0; round < rounds; round++) {
        await new Promise((resolve) => setTimeout(resolve, spanMillis))
        const after = await both()
        for (const [pid, now] of Object.entries(after)) {
          const then = before[pid]
          const row = state.rows.get(Number(pid))
          if (then === undefined || row === undefined) continue
          const cpu = (100 * (now[0] - then[0])) / (now[6] - then[6])
          expect(Math.abs(HostProcesses.cpuPercent(state, row) - cpu), `cpu of ${pid}: ${cpu}`).toBeLessThan(
            cpuTolerance,
          )
          expect(Math.abs(row.residentBytes - now[1])).toBeLessThanOrEqual(Math.max(2 ** 20, sizeTolerance * now[1]))
          expect(row.threads).toBe(now[2])
          compared++
        }
        before = after
      }
      expect(compared).toBeGreaterThan(rounds * 3)
      const root = state.rows.get(stress.pid ?? 0)?.facts
      const identity = { bootId, pid: stress.pid ?? 0, startTicks: root?.startTicks ?? 0 }
      const wants = { descriptors: true, network: false, memory: false }
      const managed = Effect.succeed([{ ...identity, wants }])
      const tree = Option.getOrThrow(
        await Effect.runPromise(ProcessCollector.make({ intervalMillis: 1000, managed }).collect),
      )
      const told = await ask()
      for (const one of tree.processes) {
        const peerOf = told[one.pid]
        if (peerOf === undefined) continue
        expect(Math.abs((one.descriptors ?? 0) - peerOf[3])).toBeLessThanOrEqual(1)
        // Storage goes on between the two looks.
        expect((one.writtenBytes ?? 0) <= peerOf[5] && (one.readBytes ?? 0) <= peerOf[4]).toBe(true)
        expect(peerOf[5] - (one.writtenBytes ?? 0)).toBeLessThan(512 * 2 ** 20)
      }
    } finally {
      other.kill("SIGKILL")
      stress.kill("SIGTERM")
      await once(stress, "close")
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
