// Collectors of measures: pressure and processors, control groups in every version, graphics, and users' own.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { afterEach, describe, expect } from "vitest"
import * as CgroupCollector from "../../src/collectors/CgroupCollector.ts"
import type { Collector, Seen } from "../../src/collectors/Collector.ts"
import * as GpuCollector from "../../src/collectors/GpuCollector.ts"
import * as Own from "../../src/collectors/Own.ts"
import * as PressureCollector from "../../src/collectors/PressureCollector.ts"
import type { MeasuresTaken } from "../../src/domain/events/MeasureEvents.ts"
import { proc, removeTrees } from "./tree.ts"

const folders: Array<string> = []
const folder = (files: Readonly<Record<string, string>>) => {
  const root = mkdtempSync(join(tmpdir(), "annalist-measures-"))
  folders.push(root)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}
afterEach(() => {
  removeTrees()
  for (const root of folders.splice(0)) rmSync(root, { recursive: true, force: true })
})

const intervalMillis = 1000
const look = ({ collect }: Collector<Seen<MeasuresTaken>>) =>
  Effect.map(collect, (seen) => Option.getOrThrow(seen).measures)
/** name{label=value,…} → value, without the labels that are the same everywhere. */
const table = (measures: Seen<MeasuresTaken>["measures"], ...left: ReadonlyArray<string>) =>
  Object.fromEntries(
    measures.map(({ name, labels, value }) => {
      const shown = Object.entries(labels).flatMap(([key, of]) => (left.includes(key) ? [] : [`${key}=${of}`]))
      return [shown.length === 0 ? name : `${name}{${shown.join(",")}}`, value]
    }),
  )

describe("pressure and processors", () => {
  const stat = "cpu  1 2 3 4\ncpu0 100 20 30 400 50 6 7 8 90 10\ncpu1 1 1 1 1 0 0 0 0 0 0\nintr 5\n"

  it.effect("are told of as the kernel counts them", () => {
    const tree = proc({
      stat,
      "pressure/cpu": "some avg10=0.00 avg60=0.00 avg300=0.00 total=4711\n",
      "pressure/memory": "some avg10=0 avg60=0 avg300=0 total=5\nfull avg10=0 avg60=0 avg300=0 total=3\n",
    })
    return Effect.gen(function* () {
      expect(table(yield* look(PressureCollector.make({ intervalMillis, procRoot: tree.root })))).toEqual({
        "host_core_busy_ticks{core=0}": 171,
        "host_core_ticks{core=0}": 621,
        "host_core_busy_ticks{core=1}": 3,
        "host_core_ticks{core=1}": 4,
        "host_pressure_micros{resource=cpu,share=some}": 4711,
        "host_pressure_micros{resource=memory,share=some}": 5,
        "host_pressure_micros{resource=memory,share=full}": 3,
      })
    })
  })
})

describe("control groups", () => {
  const measured = (groups: string, files: Readonly<Record<string, string>>) => {
    const tree = proc({ "7/cgroup": groups })
    const managed = Effect.succeed([{ pid: 7 }, { pid: 8 }])
    const sysRoot = folder(files)
    return look(CgroupCollector.make({ intervalMillis, managed, procRoot: tree.root, sysRoot }))
  }

  it.effect("are read in version 2", () =>
    Effect.gen(function* () {
      const at = "fs/cgroup/system.slice/job.scope"
      const measures = yield* measured("0::/system.slice/job.scope\n", {
        [`${at}/cpu.stat`]: "usage_usec 1500\nuser_usec 1000\nnr_throttled 2\nthrottled_usec 70\n",
        [`${at}/memory.current`]: "4096\n",
        [`${at}/memory.max`]: "max\n",
        [`${at}/pids.current`]: "3\n",
        [`${at}/io.stat`]: "8:0 rbytes=10 wbytes=20 rios=1 wios=2\n8:16 rbytes=1 wbytes=2 rios=1 wios=2\n",
        [`${at}/memory.pressure`]: "some avg10=0 avg60=0 avg300=0 total=9\n",
      })
      expect(table(measures, "pid", "group")).toEqual({
        cgroup_cpu_micros: 1500,
        cgroup_throttled_micros: 70,
        cgroup_memory_bytes: 4096,
        cgroup_processes: 3,
        cgroup_read_bytes: 11,
        cgroup_written_bytes: 22,
        "cgroup_pressure_micros{resource=memory,share=some}": 9,
      })
      expect(measures[0]?.labels).toEqual({ pid: "7", group: "/system.slice/job.scope" })
    }),
  )

  const legacy = {
    "fs/cgroup/cpuacct/job/cpuacct.usage": "1500000\n",
    "fs/cgroup/cpu/job/cpu.stat": "nr_periods 1\nnr_throttled 2\nthrottled_time 70000\n",
    "fs/cgroup/memory/job/memory.usage_in_bytes": "4096\n",
    "fs/cgroup/memory/job/memory.limit_in_bytes": "8192\n",
    "fs/cgroup/blkio/job/blkio.throttle.io_service_bytes": "8:0 Read 10\n8:0 Write 20\n8:0 Total 30\nTotal 30\n",
  }
  const expected = {
    cgroup_cpu_micros: 1500,
    cgroup_throttled_micros: 70,
    cgroup_memory_bytes: 4096,
    cgroup_memory_limit_bytes: 8192,
    cgroup_read_bytes: 10,
    cgroup_written_bytes: 20,
  }
  const lines = "5:blkio:/job\n4:memory:/job\n2:cpuacct:/job\n1:cpu:/job\n"

  it.effect("are read in version 1", () =>
    Effect.gen(function* () {
      expect(table(yield* measured(lines, legacy), "pid", "group")).toEqual(expected)
    }),
  )

  it.effect("are read on a host that has both, each number from where its controller is", () =>
    Effect.gen(function* () {
      const files = { ...legacy, "fs/cgroup/unified/pids.current": "5\n" }
      expect(table(yield* measured(`${lines}0::/\n`, files), "pid", "group")).toEqual({
        ...expected,
        cgroup_processes: 5,
      })
    }),
  )

  it.effect("have no limit where version 1 writes the largest number, and are found at the root in a container", () =>
    Effect.gen(function* () {
      const measures = yield* measured("4:memory:/docker/abc\n", {
        "fs/cgroup/memory/memory.usage_in_bytes": "1\n",
        "fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      })
      expect(table(measures, "pid", "group")).toEqual({ cgroup_memory_bytes: 1 })
    }),
  )
})

describe("graphics", () => {
  const programs = fileURLToPath(new URL("../programs", import.meta.url))

  it("are looked for on the path", () => {
    expect(GpuCollector.find(`/nowhere${delimiter}${programs}`)).toBe(join(programs, "nvidia-smi"))
    expect(GpuCollector.find("/nowhere")).toBeNull()
  })

  it.live("are told of by nvidia-smi, which runs on", () =>
    Effect.gen(function* () {
      const program = join(programs, "nvidia-smi")
      const collector = yield* GpuCollector.make({ intervalMillis: 60_000, program })
      const seen = Effect.map(collector.collect, (one) =>
        Option.match(one, { onNone: () => [], onSome: ({ measures }) => measures }),
      )
      const measures = yield* seen.pipe(
        Effect.delay("20 millis"),
        Effect.repeat({ until: (all) => all.length >= 12 }),
        Effect.timeout("20 seconds"),
      )
      expect(table(measures, "uuid", "name")).toEqual({
        "gpu_busy_percent{gpu=0}": 87,
        "gpu_memory_busy_percent{gpu=0}": 41,
        "gpu_memory_used_bytes{gpu=0}": 40312 * 2 ** 20,
        "gpu_memory_total_bytes{gpu=0}": 81559 * 2 ** 20,
        "gpu_temperature_celsius{gpu=0}": 61,
        "gpu_power_watts{gpu=0}": 512.34,
        "gpu_busy_percent{gpu=1}": 0,
        "gpu_memory_busy_percent{gpu=1}": 0,
        "gpu_memory_used_bytes{gpu=1}": 4 * 2 ** 20,
        "gpu_memory_total_bytes{gpu=1}": 16384 * 2 ** 20,
        "gpu_temperature_celsius{gpu=1}": 35,
        "gpu_process_memory_bytes{pid=4711}": 40300 * 2 ** 20,
      })
      expect(measures.find(({ labels }) => labels["gpu"] === "1")?.labels["name"]).toBe("Tesla V100-SXM2-16GB, Rev A")
    }).pipe(Effect.scoped),
  )

  it.live("fail, and say why, when the program ends", () =>
    Effect.gen(function* () {
      const collector = yield* GpuCollector.make({ intervalMillis: 1000, program: "/bin/false" })
      const error = yield* collector.collect.pipe(
        Effect.delay("20 millis"),
        Effect.forever,
        Effect.flip,
        Effect.timeout("20 seconds"),
      )
      expect(error.message).toBe("nvidia-smi ended with 1")
    }).pipe(Effect.scoped),
  )
})

describe("collectors of users' own", () => {
  it.effect("are loaded from modules and folders: the example counts the files of a folder", () =>
    Effect.gen(function* () {
      const [queue] = yield* Own.load([fileURLToPath(new URL("../../fixtures/collectors", import.meta.url))])
      if (queue === undefined) throw new Error("the example is gone")
      expect([queue.name, queue.intervalMillis]).toEqual(["own:queue", 5000])
      const measures = yield* look(queue)
      expect(table(measures, "folder")["queue_files"]).toBeGreaterThan(3)
    }),
  )

  it.effect("may find nothing, break, or give what is no number, which is told as their failure", () =>
    Effect.gen(function* () {
      const at = folder({
        "a.mjs": "export const nothing = { name: 'nothing', intervalSeconds: 1, collect: async () => null }",
        "b.mjs":
          "export const broken = { name: 'broken', intervalSeconds: 1, collect: () => { throw new Error('no link') } }",
        "c.mjs": "export const text = { name: 'text', intervalSeconds: 1, collect: () => ({ gauges: { a: 'x' } }) }",
      })
      const [nothing, broken, text] = yield* Own.load([at])
      if (nothing === undefined || broken === undefined || text === undefined) throw new Error("one is missing")
      expect(yield* nothing.collect).toEqual(Option.none())
      expect((yield* Effect.flip(broken.collect)).message).toBe("no link")
      expect((yield* Effect.flip(text.collect)).message).toBe("a is x, no number")
    }),
  )

  it.effect("that cannot be loaded fail the start, and say why", () =>
    Effect.gen(function* () {
      const why = (...places: ReadonlyArray<string>) =>
        Effect.map(Effect.flip(Own.load(places)), ({ message }) => message)
      const empty = join(folder({ "a.mjs": "export const a = 1" }), "a.mjs")
      expect(yield* why("/nowhere/x.mjs")).toMatch(/^collector module \/nowhere\/x\.mjs: ENOENT/)
      expect(yield* why(empty)).toContain("it exports no collector: { name, intervalSeconds, collect() }")
      const twice = folder({
        "a.mjs": "export default { name: 'a', intervalSeconds: 1, collect: () => null }",
        "b.mjs": "export default { name: 'a', intervalSeconds: 1, collect: () => null }",
      })
      expect(yield* why(twice)).toContain("same name")
    }),
  )
})
