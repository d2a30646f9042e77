// The control groups of the managed processes, in version 2, in the hierarchies of version 1, and where a host has both.

import { readFileSync } from "node:fs"
import { Effect, Option } from "effect"
import type { Measure, MeasuresTaken } from "../domain/events/MeasureEvents.ts"
import { failed } from "./breathe.ts"
import type { Collector, Seen } from "./Collector.ts"
import * as ProcFiles from "./ProcFiles.ts"
import { stallsIn } from "./PressureCollector.ts"

export interface Options {
  readonly intervalMillis: number
  readonly managed: Effect.Effect<ReadonlyArray<{ readonly pid: number }>>
  readonly procRoot?: string
  readonly sysRoot?: string
}

type Read = (file: string) => string

/** One number of a group: its name, whether it counts, and where each version has it. Null for none, such as no limit. */
interface Quantity {
  readonly name: string
  readonly kind: Measure["kind"]
  readonly unified: (read: Read) => number | null
  readonly controller: string
  readonly legacy: (read: Read) => number | null
}

/** What version 1 writes where there is no limit: the largest number of pages. */
const unlimited = 2 ** 60

const quantities: ReadonlyArray<Quantity> = [
  {
    name: "cgroup_cpu_micros",
    kind: "counter",
    unified: (read) => field(read("cpu.stat"), "usage_usec"),
    controller: "cpuacct",
    legacy: (read) => divided(number(read("cpuacct.usage")), 1000),
  },
  {
    name: "cgroup_throttled_micros",
    kind: "counter",
    unified: (read) => field(read("cpu.stat"), "throttled_usec"),
    controller: "cpu",
    legacy: (read) => divided(field(read("cpu.stat"), "throttled_time"), 1000),
  },
  {
    name: "cgroup_memory_bytes",
    kind: "gauge",
    unified: (read) => number(read("memory.current")),
    controller: "memory",
    legacy: (read) => number(read("memory.usage_in_bytes")),
  },
  {
    name: "cgroup_memory_limit_bytes",
    kind: "gauge",
    unified: (read) => number(read("memory.max")),
    controller: "memory",
    legacy: (read) => limit(number(read("memory.limit_in_bytes"))),
  },
  {
    name: "cgroup_processes",
    kind: "gauge",
    unified: (read) => number(read("pids.current")),
    controller: "pids",
    legacy: (read) => number(read("pids.current")),
  },
  {
    name: "cgroup_read_bytes",
    kind: "counter",
    unified: (read) => sum(read("io.stat"), /\brbytes=(\d+)/g),
    controller: "blkio",
    legacy: (read) => sum(read("blkio.throttle.io_service_bytes"), / Read (\d+)/g),
  },
  {
    name: "cgroup_written_bytes",
    kind: "counter",
    unified: (read) => sum(read("io.stat"), /\bwbytes=(\d+)/g),
    controller: "blkio",
    legacy: (read) => sum(read("blkio.throttle.io_service_bytes"), / Write (\d+)/g),
  },
]

export const make = (options: Options): Collector<Seen<MeasuresTaken>> => {
  const files = ProcFiles.make(options.procRoot ?? "/proc")
  const root = `${options.sysRoot ?? "/sys"}/fs/cgroup`
  return {
    name: "cgroups",
    intervalMillis: options.intervalMillis,
    collect: Effect.flatMap(options.managed, (managed) =>
      Effect.try({
        try: () => {
          // Processes of one group share what it counts.
          const groups = new Map<string, string>()
          for (const { pid } of managed) {
            const text = files.textIfThere(`${pid}/cgroup`)
            if (text !== "" && !groups.has(text)) groups.set(text, String(pid))
          }
          if (groups.size === 0) return Option.none()
          const measures = Array.from(groups, ([text, pid]) => measuresOf(root, text, pid)).flat()
          return Option.some({ _tag: "MeasuresTaken" as const, measures })
        },
        catch: failed,
      }),
    ),
  }
}

/** `0::/path` is the unified hierarchy, `4:memory:/path` one of version 1. */
const measuresOf = (root: string, text: string, pid: string): ReadonlyArray<Measure> => {
  const paths = new Map<string, string>()
  for (const line of text.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (controllers !== undefined && path !== undefined) for (const one of controllers.split(",")) paths.set(one, path)
  }
  const unified = paths.get("")
  const read = unified === undefined ? nothing : reader([`${root}${unified}`, `${root}/unified${unified}`, root])
  const measures = quantities.flatMap(({ name, kind, unified: ofUnified, controller, legacy }): Array<Measure> => {
    const path = paths.get(controller)
    const place = `${root}/${controller}`
    const value = path === undefined ? ofUnified(read) : legacy(reader([`${place}${path}`, place]))
    return value === null ? [] : [{ name, kind, labels: { pid, group: path ?? unified ?? "/" }, value }]
  })
  const stalls = ["cpu", "memory", "io"].flatMap((resource) =>
    stallsIn(resource, read(`${resource}.pressure`), { pid, group: unified ?? "/" }, "cgroup_pressure_micros"),
  )
  return [...measures, ...stalls]
}

const nothing: Read = () => ""

/** The first place that has the file: in a container the path counts from another root than the mount shows. */
const reader =
  (places: ReadonlyArray<string>): Read =>
  (file) => {
    for (const place of places) {
      try {
        return readFileSync(`${place}/${file}`, "latin1")
      } catch {
        // Not there: the next place, or nothing that this kernel tells.
      }
    }
    return ""
  }

const number = (text: string): number | null => (/^\d+\n?$/.test(text) ? Number(text) : null)

const field = (text: string, name: string): number | null => {
  const found = new RegExp(`^${name} (\\d+)$`, "m").exec(text)
  return found === null ? null : Number(found[1])
}

const sum = (text: string, each: RegExp): number | null =>
  text === "" ? null : Array.from(text.matchAll(each)).reduce((total, [, value]) => total + Number(value), 0)

const divided = (value: number | null, by: number): number | null => (value === null ? null : Math.round(value / by))

const limit = (value: number | null): number | null => (value === null || value >= unlimited ? null : value)
