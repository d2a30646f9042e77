// GET /api/processes/{pid}/history: what a process took over the last hours, with statistics over all of it.

import { Effect, Stream } from "effect"
import { Position } from "../../../domain/Brands.ts"
import { LogReader } from "../../../projections/LogReader.ts"
import { hostProcesses } from "../../../projections/hostProcesses.ts"
import { type Point, ProcessHistory } from "../../../projections/ProcessHistory.ts"
import { samples } from "../../../projections/samples.ts"
import type { View } from "../../../projections/Views.ts"
import type { HistoryAnswer, HistoryPoint } from "../../../wire/monitor.ts"
import { positionHeader, viewAsked } from "../../moments.ts"
import { badRequest, ofReading } from "../../problems.ts"
import type { RouteRequest } from "../../Route.ts"
import { notFound, pidOf, rowOf } from "./asking.ts"
import { megabytes, millisTime, share, twoPlaces } from "./entries.ts"

const hoursMost = 48
/** Reading begins so many looks earlier, so that a whole one tells what did not change since. */
const leadLooks = 41

export const history = Effect.fn("GET /api/processes/{pid}/history")(function* (request: RouteRequest) {
  const pid = pidOf(request)
  if (pid === null) return notFound(request)
  const hours = hoursOf(request.query.get("hours"))
  if (hours === null) return yield* badRequest(`hours must be a whole number between 1 and ${hoursMost}`)
  const view = yield* viewAsked(request)
  const from = view.at - hours * 3600e6
  const read = yield* readHistory(pid, from, view)
  const known = read.seen || rowOf(view, pid) !== null
  const body: HistoryAnswer = known
    ? { pid, hours, ...shown(read, view) }
    : { pid, history: [], message: "No history available for this process" }
  return { status: 200, headers: { [positionHeader]: String(view.position) }, body }
})

/** Null for what is no such number. */
const hoursOf = (text: string | null): number | null => {
  const hours = text === null ? 24 : /^\d{1,3}$/.test(text) ? Number(text) : 0
  return hours >= 1 && hours <= hoursMost ? hours : null
}

const readHistory = Effect.fn("monitor.readHistory")(function* (pid: number, from: number, view: View) {
  const reader = yield* LogReader
  const { takenMicros, beforeMicros } = view.state(hostProcesses)
  const lead = leadLooks * (beforeMicros === null ? 0 : takenMicros - beforeMicros)
  const before = yield* Effect.mapError(reader.positionAt(from - lead), ofReading)
  const found = new ProcessHistory(pid, from)
  const { first } = yield* reader.source
  yield* reader.read({ from: Position(Math.max(first, before + 1)), to: view.position, kinds: ["processes"] }).pipe(
    Stream.runForEach((envelopes) =>
      Effect.sync(() => {
        for (const envelope of envelopes) found.take(envelope)
      }),
    ),
    Effect.mapError(ofReading),
  )
  return found
})

const shown = (
  read: ProcessHistory,
  view: View,
): Pick<HistoryAnswer, "history" | "statistics" | "data_points" | "samples"> => {
  const memoryBytes = view.state(samples).host?.last.counters.memoryTotalBytes ?? 0
  const { summary, points } = read
  const percent = (bytes: number) => twoPlaces(share(bytes, memoryBytes))
  return {
    history: points.map((point) => pointOf(point, percent)),
    statistics:
      summary === null
        ? null
        : {
            avg_cpu: twoPlaces(summary.cpuSum / summary.samples),
            max_cpu: twoPlaces(summary.cpuMax),
            avg_memory: percent(summary.residentSum / summary.samples),
            max_memory: percent(summary.residentMax),
          },
    data_points: points.length,
    samples: summary?.samples ?? 0,
  }
}

const pointOf = (point: Point, percent: (bytes: number) => number): HistoryPoint => {
  const resident = point.residentSum / point.samples
  const mean = {
    timestamp: millisTime(point.at),
    cpu_percent: twoPlaces(point.cpuSum / point.samples),
    memory_percent: percent(resident),
    memory_mb: megabytes(resident),
  }
  if (point.samples === 1) return mean
  const most = { max_cpu_percent: twoPlaces(point.cpuMax), max_memory_percent: percent(point.residentMax) }
  return { ...mean, samples: point.samples, ...most }
}
