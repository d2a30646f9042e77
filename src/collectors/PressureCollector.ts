// How busy each processor is, and for how long work stood still for want of processor, memory or storage, where the kernel tells.

import { Effect, Option } from "effect"
import type { Measure, MeasuresTaken } from "../domain/events/MeasureEvents.ts"
import { failed } from "./breathe.ts"
import type { Collector, Seen } from "./Collector.ts"
import * as ProcFiles from "./ProcFiles.ts"

export interface Options {
  readonly intervalMillis: number
  readonly procRoot?: string
}

const resources = ["cpu", "memory", "io"] as const

export const make = (options: Options): Collector<Seen<MeasuresTaken>> => {
  const files = ProcFiles.make(options.procRoot ?? "/proc")
  return {
    name: "pressure",
    intervalMillis: options.intervalMillis,
    collect: Effect.try({
      try: () => {
        const measures = [
          ...coresIn(files.text("stat")),
          ...resources.flatMap((resource) => stallsIn(resource, files.textIfThere(`pressure/${resource}`))),
        ]
        return Option.some({ _tag: "MeasuresTaken" as const, measures })
      },
      catch: failed,
    }),
  }
}

/** One line a processor that is online: `cpu3 user nice system idle iowait irq softirq steal …`. */
const coresIn = (text: string): ReadonlyArray<Measure> =>
  Array.from(text.matchAll(/^cpu(\d+) (.*)$/gm)).flatMap(([, core = "", rest = ""]) => {
    const ticks = rest.split(" ").slice(0, 8).map(Number)
    const total = ticks.reduce((sum, value) => sum + value, 0)
    const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0)
    return [
      { name: "host_core_busy_ticks", kind: "counter", labels: { core }, value: total - idle },
      { name: "host_core_ticks", kind: "counter", labels: { core }, value: total },
    ] as const
  })

/** `some`: at least one task waited; `full`: all that were not idle did. In microseconds since boot. */
export const stallsIn = (
  resource: string,
  text: string,
  labels: Readonly<Record<string, string>> = {},
  name = "host_pressure_micros",
): ReadonlyArray<Measure> =>
  Array.from(text.matchAll(/^(some|full) .*total=(\d+)/gm), ([, share = "", total]) => ({
    name,
    kind: "counter",
    labels: { ...labels, resource, share },
    value: Number(total),
  }))
