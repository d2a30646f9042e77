// NVIDIA's processors as nvidia-smi tells of them, which runs all the time and repeats itself: starting it for each look costs a second.

import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import { createInterface } from "node:readline"
import { type ChildProcess, spawn } from "node:child_process"
import { Effect, Option, type Scope } from "effect"
import type { Measure, MeasuresTaken } from "../domain/events/MeasureEvents.ts"
import { type Collector, CollectorError, type Seen } from "./Collector.ts"

export interface Options {
  readonly intervalMillis: number
  /** Full path of nvidia-smi. */
  readonly program: string
}

/** What is asked for, the name it gets, and what one unit of it is in ours. */
const columns: ReadonlyArray<readonly [query: string, name: string, unit: number]> = [
  ["utilization.gpu", "gpu_busy_percent", 1],
  ["utilization.memory", "gpu_memory_busy_percent", 1],
  ["memory.used", "gpu_memory_used_bytes", 2 ** 20],
  ["memory.total", "gpu_memory_total_bytes", 2 ** 20],
  ["temperature.gpu", "gpu_temperature_celsius", 1],
  ["power.draw", "gpu_power_watts", 1],
]
const gpuQuery = ["index", "uuid", "name", ...columns.map(([query]) => query)].join(",")
const processQuery = "timestamp,gpu_uuid,pid,process_name,used_memory"

/** Rows older than so many intervals tell of nothing that still is. */
const goodIntervals = 2.5

/** Null where the program is not installed. */
export const find = (path: string): string | null =>
  path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, "nvidia-smi"))
    .find(isProgram) ?? null

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

interface Row {
  readonly measures: ReadonlyArray<Measure>
  readonly seenAt: number
}

/** The programs end with the scope. */
export const make = (options: Options): Effect.Effect<Collector<Seen<MeasuresTaken>>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const rows = new Map<string, Row>()
    const keep = (key: string, measures: ReadonlyArray<Measure>) =>
      void rows.set(key, { measures, seenAt: performance.now() })
    const gpus = yield* repeating(options, `--query-gpu=${gpuQuery}`, (line) => takeGpu(line, keep))
    const apps = yield* repeating(options, `--query-compute-apps=${processQuery}`, (line) => takeProcess(line, keep))
    return {
      name: "gpus",
      intervalMillis: options.intervalMillis,
      collect: Effect.suspend(() => {
        gpus.ensure()
        apps.ensure()
        const oldest = performance.now() - goodIntervals * options.intervalMillis
        for (const [key, { seenAt }] of rows) if (seenAt < oldest) rows.delete(key)
        const measures = Array.from(rows.values()).flatMap((row) => row.measures)
        if (measures.length > 0) return Effect.succeed(Option.some({ _tag: "MeasuresTaken" as const, measures }))
        const why = gpus.failure()
        return why === null ? Effect.succeed(Option.none()) : new CollectorError({ reason: why })
      }),
    }
  })

interface Repeating {
  /** Starts the program unless it runs. */
  readonly ensure: () => void
  /** Why it does not run; null while it does. */
  readonly failure: () => string | null
}

const repeating = (options: Options, query: string, take: (line: string) => void) => {
  let child: ChildProcess | null = null
  let failure: string | null = null
  const seconds = Math.max(1, Math.round(options.intervalMillis / 1000))
  const ensure = () => {
    if (child !== null) return
    const started = spawn(options.program, [query, "--format=csv,noheader,nounits", "-l", String(seconds)], {
      stdio: ["ignore", "pipe", "ignore"],
    })
    child = started
    const over = (reason: string) => {
      failure = reason
      if (child === started) child = null
    }
    started.once("error", (error) => over(error.message))
    started.once("exit", (code, signal) => over(`nvidia-smi ended with ${code ?? signal}`))
    createInterface({ input: started.stdout }).on("line", (line) => {
      failure = null
      take(line)
    })
  }
  const end = Effect.sync(() => void child?.kill("SIGKILL"))
  return Effect.as(
    Effect.addFinalizer(() => end),
    { ensure, failure: () => failure } satisfies Repeating,
  )
}

type Keep = (key: string, measures: ReadonlyArray<Measure>) => void

/** Names hold commas at times: the numbers are counted from the end. What a device does not tell reads [N/A]. */
const takeGpu = (line: string, keep: Keep): void => {
  const cells = line.split(", ")
  const [index, uuid] = cells
  if (index === undefined || uuid === undefined || cells.length < columns.length + 3) return
  const name = cells.slice(2, -columns.length).join(", ")
  const numbers = cells.slice(-columns.length)
  const measures = columns.flatMap(([, measure, unit], column) => {
    const value = numberIn(numbers[column])
    return value === null ? [] : [gauge(measure, { gpu: index, uuid, name }, value * unit)]
  })
  keep(uuid, measures)
}

const takeProcess = (line: string, keep: Keep): void => {
  const [, uuid, pid, ...rest] = line.split(", ")
  const used = numberIn(rest.at(-1))
  if (uuid === undefined || pid === undefined || !/^\d+$/.test(pid) || used === null) return
  const labels = { uuid, pid, name: rest.slice(0, -1).join(", ") }
  keep(`${uuid} ${pid}`, [gauge("gpu_process_memory_bytes", labels, used * 2 ** 20)])
}

const gauge = (name: string, labels: Readonly<Record<string, string>>, value: number): Measure => ({
  name,
  kind: "gauge",
  labels,
  value,
})

const numberIn = (cell: string | undefined): number | null => {
  const text = cell?.trim() ?? ""
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null
}
