// The trace for Perfetto, held against the rules of the Trace Event Format: the importer drops or warns about what breaks them.

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Event } from "../../src/domain/Event.ts"
import { fetchHandler, openSession } from "../../src/index.ts"
import { everything, recordedOf, sessionOf } from "./given.ts"

interface Row {
  readonly ph: string
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur: number
  readonly id: number
  readonly cat: string
  readonly args: { readonly [field: string]: unknown }
}

const recordings = join(import.meta.dirname, "../../fixtures/sessions")

const traceOf = async (path: string): Promise<ReadonlyArray<Row>> => {
  const session = await openSession(path)
  try {
    const answer = await fetchHandler(session)(new Request("http://recording/v1/export?format=perfetto"))
    expect(answer.status).toBe(200)
    expect(answer.headers.get("content-type")).toContain("application/json")
    const { traceEvents } = (await answer.json()) as { readonly traceEvents: ReadonlyArray<Row> }
    return traceEvents
  } finally {
    await session.close()
  }
}

const trackOf = ({ pid, tid }: Row): string => `${pid} ${tid}`

const byTrack = (rows: ReadonlyArray<Row>): ReadonlyMap<string, ReadonlyArray<Row>> => {
  const tracks = new Map<string, Array<Row>>()
  for (const row of rows) tracks.set(trackOf(row), [...(tracks.get(trackOf(row)) ?? []), row])
  return tracks
}

/** What of the format's rules a trace breaks. */
const faultsIn = (rows: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const faults: Array<string> = []
  const names = new Set(rows.filter(({ ph, name }) => ph === "M" && name === "thread_name").map(trackOf))
  const groups = new Set(rows.filter(({ ph, name }) => ph === "M" && name === "process_name").map(({ pid }) => pid))
  for (const row of rows) {
    if (!Number.isInteger(row.pid) || !Number.isInteger(row.tid)) faults.push("a track is no number")
    if (!groups.has(row.pid)) faults.push(`group ${row.pid} has no name`)
    if (row.ph !== "M" && !(Number.isFinite(row.ts) && row.ts > 1e15)) faults.push(`${row.name} has no time`)
    if (!["M", "C"].includes(row.ph) && !names.has(trackOf(row))) faults.push(`track ${trackOf(row)} has no name`)
  }
  const slices = byTrack(rows.filter(({ ph }) => ph === "X"))
  for (const [track, own] of slices) {
    const open: Array<Row> = []
    let last = -Infinity
    for (const row of own) {
      if (row.ts < last) faults.push(`track ${track} goes back in time at ${row.name}`)
      last = row.ts
      while (open.length > 0 && (open.at(-1)?.ts ?? 0) + (open.at(-1)?.dur ?? 0) <= row.ts) open.pop()
      const around = open.at(-1)
      if (around !== undefined && around.ts + around.dur < row.ts + row.dur)
        faults.push(`${row.name} reaches out of ${around.name} on track ${track}`)
      if (!(row.dur >= 0)) faults.push(`${row.name} has no duration`)
      open.push(row)
    }
  }
  const pairs = new Map<number, Array<Row>>()
  for (const row of rows) if ("sfbe".includes(row.ph)) pairs.set(row.id, [...(pairs.get(row.id) ?? []), row])
  for (const [id, pair] of pairs) {
    const [first, second] = pair
    const kinds = pair.map(({ ph }) => ph).join("")
    if (kinds !== "sf" && kinds !== "be") faults.push(`${id} is ${kinds} instead of a pair`)
    if (first === undefined || second === undefined || second.ts < first.ts) faults.push(`${id} ends before it begins`)
    if (kinds !== "sf") continue
    for (const end of pair) {
      const holds = slices.get(trackOf(end))?.some(({ ts, dur }) => ts <= end.ts && end.ts <= ts + dur)
      if (holds !== true) faults.push(`an end of arrow ${id} lies in no slice`)
    }
  }
  const counters = byTrack(rows.filter(({ ph }) => ph === "C"))
  for (const own of counters.values()) {
    for (const name of new Set(own.map((row) => row.name))) {
      const times = own.filter((row) => row.name === name).map(({ ts }) => ts)
      if (times.some((ts, index) => ts < (times[index - 1] ?? 0))) faults.push(`counter ${name} goes back in time`)
    }
  }
  return faults
}

describe("a trace for Perfetto", () => {
  let folder = ""
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "annalist-perfetto-test-"))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each([
    "four-ranks-hang.ndjson",
    "torch-healthy.ndjson.gz",
    "torch-slow.ndjson.gz",
    "torch-clock-offset-sigstop.ndjson.gz",
    "torch-dropped-posts.ndjson.gz",
    "torch-doubled-posts.ndjson.gz",
    "torch-late-start.ndjson.gz",
    "torch-swapped-transfers.ndjson.gz",
  ])("of %s keeps the format's rules", async (file) => {
    const rows = await traceOf(join(recordings, file))
    expect(faultsIn(rows)).toEqual([])
    expect(rows.filter(({ ph }) => ph === "X").length).toBeGreaterThan(100)
    expect(rows.filter(({ ph }) => ph === "s").length).toBeGreaterThan(20)
  })

  it("shows waiting and transfer within each operation, and arrows from the last to come", async () => {
    const rows = await traceOf(join(recordings, "torch-slow.ndjson.gz"))
    const inner = rows.filter(({ ph, name }) => ph === "X" && (name === "wait" || name === "transfer"))
    expect(new Set(inner.map(({ name }) => name))).toEqual(new Set(["wait", "transfer"]))
    const from = new Map<string, number>()
    for (const row of rows.filter(({ ph }) => ph === "s")) from.set(trackOf(row), (from.get(trackOf(row)) ?? 0) + 1)
    const [[most]] = [...from].sort(([, a], [, b]) => b - a) as [[string, number]]
    const slowest = rows.find((row) => row.ph === "M" && row.name === "thread_name" && trackOf(row) === most)
    expect(slowest?.args["name"]).toMatch(/^rank 2 /)
  })

  it("marks the moment at which a verdict changed", async () => {
    const rows = await traceOf(join(recordings, "torch-sigstop.ndjson.gz"))
    const marks = rows.filter(({ ph, cat }) => ph === "i" && cat === "verdict")
    expect(marks.map(({ name }) => name)).toContain("missing_rank")
    expect(marks.find(({ name }) => name === "missing_rank")?.args["sentence"]).toMatch(/never entered/)
  })

  it("has the lives of processes and what they and the host took", async () => {
    const rows = await traceOf(join(recordings, "four-ranks-hang.ndjson"))
    expect(rows.some(({ ph, cat }) => ph === "X" && cat === "process")).toBe(true)
    const counters = new Set(rows.filter(({ ph }) => ph === "C").map(({ name }) => name))
    expect(counters).toContain("cpu %")
    expect(counters).toContain("memory, bytes")
  })

  it("has calls of routines, which may overlap, and passes by what it does not know", async () => {
    const call = (number: number, tag: "SlotCalled" | "RoutineFinished"): Event => {
      const common = { job: "job-1", call: number, routine: "load" }
      return tag === "SlotCalled"
        ? { _tag: tag, ...common, slot: "in", attempt: 1 }
        : { _tag: tag, ...common, durationMicros: 5, result: null, shared: null }
    }
    const calls = [call(1, "SlotCalled"), call(2, "SlotCalled"), call(1, "RoutineFinished")]
    const path = join(folder, "calls.ndjson")
    const events = everything(20).map(({ event }) => event)
    await writeFile(path, await Effect.runPromise(sessionOf(recordedOf([...events, ...calls]))))
    const rows = await traceOf(path)
    expect(faultsIn(rows)).toEqual([])
    const ends = rows.filter(({ ph, cat }) => ph === "b" && cat === "routine").map(({ args }) => args["end"])
    expect(ends).toEqual(["finished", "under way"])
  })
})
