// The host's counters, from files whose every value is asserted, and from the host that the test runs on.

import os from "node:os"
import { it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { afterEach, describe, expect } from "vitest"
import type { Collector, Seen } from "../../src/collectors/Collector.ts"
import * as HostCollector from "../../src/collectors/HostCollector.ts"
import * as PageSize from "../../src/collectors/PageSize.ts"
import * as PortableHostCollector from "../../src/collectors/PortableHostCollector.ts"
import * as Topology from "../../src/collectors/Topology.ts"
import type { SampleEvent } from "../../src/domain/events/SampleEvents.ts"
import { proc, removeTrees } from "./tree.ts"

afterEach(removeTrees)

const block = (processor: number, physical: number, core: number) =>
  `processor\t: ${processor}\nmodel name\t: Processor\nphysical id\t: ${physical}\nsiblings\t: 4\ncore id\t\t: ${core}\ncpu cores\t: 2\n\n`

const host = {
  stat: "cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 100 20 30 400 50 6 7 8 90 10\nintr 5 0 0\nctxt 1\nbtime 1700000000\n",
  meminfo:
    "MemTotal:       16000 kB\nMemFree:         3000 kB\nMemAvailable:    9000 kB\nBuffers:          100 kB\nCached:          4000 kB\nSwapCached:         0 kB\nSwapTotal:       2000 kB\nSwapFree:        1500 kB\n",
  loadavg: "0.25 1.50 12.75 3/457 12345\n",
  uptime: "12345.67 23456.78\n",
  cpuinfo: block(0, 0, 0) + block(1, 0, 1) + block(2, 0, 0) + block(3, 1, 0),
}

const look = (collector: Collector<Seen<SampleEvent>>) =>
  Effect.map(collector.collect, (seen) => Option.getOrThrow(seen).host)

const at = (root: string) => HostCollector.make({ intervalMillis: 3000, procRoot: root, sysRoot: `${root}/nowhere` })

describe("the host collector", () => {
  it.effect("reads every counter from its place", () => {
    const tree = proc(host)
    tree.add({ pid: 1, parent: 0 })
    tree.add({ pid: 4711, parent: 1 })
    return Effect.gen(function* () {
      expect(yield* look(at(tree.root))).toEqual({
        cpuBusyTicks: 100 + 20 + 30 + 6 + 7 + 8,
        cpuTotalTicks: 100 + 20 + 30 + 400 + 50 + 6 + 7 + 8,
        cpuCores: 3,
        cpuThreads: 4,
        memoryTotalBytes: 16000 * 1024,
        memoryFreeBytes: 3000 * 1024,
        memoryAvailableBytes: 9000 * 1024,
        swapTotalBytes: 2000 * 1024,
        swapFreeBytes: 1500 * 1024,
        load1: 0.25,
        load5: 1.5,
        load15: 12.75,
        uptimeSeconds: 12345.67,
        processCount: 2,
      })
    })
  })

  it.effect("estimates what is available where an old kernel does not, and knows a host without swap", () => {
    const tree = proc({ ...host, meminfo: "MemTotal: 16000 kB\nMemFree: 3000 kB\nBuffers: 100 kB\nCached: 4000 kB\n" })
    return Effect.gen(function* () {
      expect(yield* look(at(tree.root))).toMatchObject({
        memoryAvailableBytes: 7100 * 1024,
        swapTotalBytes: 0,
        swapFreeBytes: 0,
      })
    })
  })

  it.effect.each([
    ["a file is missing", (tree: ReturnType<typeof proc>) => tree.remove("loadavg"), /ENOENT.*loadavg/],
    [
      "the load is no number",
      (tree: ReturnType<typeof proc>) => tree.write("loadavg", "high\n"),
      /^loadavg reads "high"$/,
    ],
    [
      "the processor line is cut",
      (tree: ReturnType<typeof proc>) => tree.write("stat", "cpu  1 2\n"),
      /^stat reads "cpu {2}1 2"$/,
    ],
    ["the memory is not told", (tree: ReturnType<typeof proc>) => tree.write("meminfo", ""), /^meminfo reads ""$/],
  ] as const)("fails and says so when %s", ([, change, reason]) => {
    const tree = proc(host)
    change(tree)
    return Effect.gen(function* () {
      const error = yield* Effect.flip(look(at(tree.root)))
      expect(error.reason).toMatch(reason)
    })
  })

  it.effect.skipIf(process.platform !== "linux")("agrees with what Node knows of this host", () =>
    Effect.gen(function* () {
      const seen = yield* look(HostCollector.make({ intervalMillis: 3000 }))
      expect(seen?.memoryTotalBytes).toBe(os.totalmem())
      expect(seen?.cpuThreads).toBe(os.cpus().length)
      expect(Math.abs((seen?.uptimeSeconds ?? 0) - os.uptime())).toBeLessThan(2)
      expect(seen?.cpuBusyTicks).toBeLessThan(seen?.cpuTotalTicks ?? 0)
    }),
  )

  it.live("has the same counters where there is no /proc", () =>
    Effect.gen(function* () {
      const seen = yield* look(PortableHostCollector.make({ intervalMillis: 3000 }))
      const native = yield* look(HostCollector.make({ intervalMillis: 3000 }))
      expect(seen?.memoryTotalBytes).toBe(native?.memoryTotalBytes)
      expect(seen?.cpuThreads).toBe(native?.cpuThreads)
      expect(Math.abs((seen?.cpuTotalTicks ?? 0) / (native?.cpuTotalTicks ?? 1) - 1)).toBeLessThan(0.05)
    }),
  )
})

describe("the topology", () => {
  it("counts a core of each package once", () => {
    expect(Topology.fromCpuinfo(host.cpuinfo)).toEqual({ threads: 4, cores: 3 })
  })

  it("takes the cores from sysfs where cpuinfo names none, and the threads where nobody does", () => {
    const arm = "processor\t: 0\nBogoMIPS\t: 50.00\n\nprocessor\t: 1\nBogoMIPS\t: 50.00\n\n"
    const tree = proc({
      cpuinfo: arm,
      "devices/system/cpu/cpu0/topology/core_id": "0\n",
      "devices/system/cpu/cpu0/topology/physical_package_id": "0\n",
      "devices/system/cpu/cpu1/topology/core_id": "0\n",
      "devices/system/cpu/cpu1/topology/physical_package_id": "0\n",
    })
    expect(Topology.read(tree.root, tree.root)).toEqual({ threads: 2, cores: 1 })
    expect(Topology.read(tree.root, "/nowhere")).toEqual({ threads: 2, cores: 2 })
  })
})

describe("the page size", () => {
  it("is what the kernel tells every process", () => {
    const words = [33n, 140n, 6n, 65536n, 0n, 0n]
    const bytes = Buffer.alloc(words.length * 8)
    for (const [index, word] of words.entries()) bytes.writeBigUInt64LE(word, index * 8)
    expect(PageSize.fromAuxiliaryVector(bytes)).toBe(65536)
    expect(PageSize.fromAuxiliaryVector(bytes.subarray(0, 20))).toBeNull()
    expect(PageSize.read("/nowhere")).toBe(4096)
  })
})
