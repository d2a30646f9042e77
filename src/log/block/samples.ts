// Samples in columns: counters of one process stand beside those of the look before, from which they hardly differ.

import type { HostCounters, ProcessCounters, SamplesTaken } from "../../domain/events/SampleEvents.ts"
import { ByteReader, ByteWriter, MalformedBytes } from "./Bytes.ts"
import { readTexts, writeTexts } from "./dictionary.ts"
import { groupingOf, readNumbers, writeNumbers } from "./numbers.ts"

type Samples = typeof SamplesTaken.Type

/** Raised with every change of the columns; older ones stay readable. */
const VERSION = 2

const hostFields = [
  "cpuBusyTicks",
  "cpuTotalTicks",
  "cpuCores",
  "cpuThreads",
  "memoryTotalBytes",
  "memoryFreeBytes",
  "memoryAvailableBytes",
  "swapTotalBytes",
  "swapFreeBytes",
  "load1",
  "load5",
  "load15",
  "uptimeSeconds",
  "processCount",
] as const satisfies ReadonlyArray<keyof HostCounters>

const processFields = [
  "startTicks",
  "parentPid",
  "cpuTicks",
  "residentBytes",
  "virtualBytes",
  "threads",
  "readBytes",
  "writtenBytes",
] as const satisfies ReadonlyArray<keyof ProcessCounters>

/** Looks that went closer have these of every process, others of none. */
const detailFields = [
  "descriptors",
  "receivedBytes",
  "sentBytes",
  "proportionalBytes",
] as const satisfies ReadonlyArray<keyof ProcessCounters>

/** A field that is added to these events must be added to the columns too: until then this does not compile. */
type Kept = (typeof processFields)[number] | (typeof detailFields)[number]
type Uncovered = [
  Exclude<keyof HostCounters, (typeof hostFields)[number]>,
  Exclude<keyof ProcessCounters, Kept | "pid" | "name" | "state">,
  Exclude<keyof Samples, "_tag" | "collector" | "takenMicros" | "host" | "processes">,
]
const everyFieldHasAColumn: Uncovered extends [never, never, never] ? true : never = true

/** Whether the columns hold all of an event: one with other fields than its type has is kept as a record. */
export const fits = (event: { readonly _tag: string }): boolean => {
  if (!everyFieldHasAColumn || event._tag !== "SamplesTaken" || Object.keys(event).length !== 5) return false
  const { host, processes } = event as Samples
  if (host !== null && Object.keys(host).length !== hostFields.length) return false
  const fields = processFields.length + 3 + (isDetailed(event as Samples) ? detailFields.length : 0)
  return processes.every((process) => Object.keys(process).length === fields)
}

const isDetailed = ({ processes }: Samples): boolean => {
  const [first] = processes
  return first !== undefined && detailFields.every((field) => first[field] !== undefined)
}

export const writeSamples = (events: ReadonlyArray<Samples>): Uint8Array => {
  const out = new ByteWriter(1024)
  out.byte(VERSION)
  writeTexts(
    out,
    events.map((event) => event.collector),
  )
  writeNumbers(
    out,
    events.map((event) => event.takenMicros),
  )
  const hosts = events.flatMap(({ host }) => (host === null ? [] : [host]))
  writeNumbers(
    out,
    events.map(({ host }) => (host === null ? 0 : 1)),
  )
  for (const field of hostFields)
    writeNumbers(
      out,
      hosts.map((host) => host[field]),
    )
  writeNumbers(
    out,
    events.map((event) => event.processes.length),
  )
  const processes = events.length === 1 ? (events[0] as Samples).processes : events.flatMap((event) => event.processes)
  const pids = processes.map(({ pid }) => pid)
  writeNumbers(out, pids)
  writeTexts(
    out,
    processes.map(({ name }) => name),
  )
  writeTexts(
    out,
    processes.map(({ state }) => state),
  )
  const grouping = groupingOf(pids)
  for (const field of processFields)
    writeNumbers(
      out,
      processes.map((process) => process[field]),
      grouping,
    )
  writeDetails(out, events)
  return out.view()
}

const writeDetails = (out: ByteWriter, events: ReadonlyArray<Samples>): void => {
  writeNumbers(
    out,
    events.map((event) => Number(isDetailed(event))),
  )
  const detailed = events.filter(isDetailed).flatMap(({ processes }) => processes)
  const grouping = groupingOf(detailed.map(({ pid }) => pid))
  for (const field of detailFields)
    writeNumbers(
      out,
      detailed.map((process) => process[field] ?? null),
      grouping,
    )
}

export const readSamples = (bytes: Uint8Array, rows: number): ReadonlyArray<Samples> => {
  const input = new ByteReader(bytes)
  const version = input.byte()
  if (version !== VERSION && version !== 1) throw new MalformedBytes(`samples have columns of version ${version}`)
  const collector = readTexts(input, rows)
  const takenMicros = readNumbers(input, rows)
  const hasHost = readNumbers(input, rows)
  const hosts = readHosts(
    input,
    hasHost.reduce<number>((sum, has) => sum + (has ?? 0), 0),
  )
  const counts = readNumbers(input, rows)
  const processes = readProcesses(
    input,
    counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
  )
  if (version > 1) readDetails(input, counts, processes)
  let host = 0
  let process = 0
  return collector.map((name, row) => {
    const from = process
    process += counts[row] ?? 0
    return {
      _tag: "SamplesTaken",
      collector: name ?? "",
      takenMicros: takenMicros[row] ?? 0,
      host: hasHost[row] === 1 ? (hosts[host++] ?? null) : null,
      processes: processes.slice(from, process),
    }
  })
}

type Growing = { -readonly [Field in keyof ProcessCounters]: ProcessCounters[Field] }

/** Adds them to the processes of the looks that have them. */
const readDetails = (input: ByteReader, counts: ReadonlyArray<number | null>, processes: ReadonlyArray<Growing>) => {
  const isThere = readNumbers(input, counts.length)
  const detailed: Array<Growing> = []
  let from = 0
  for (const [row, count] of counts.entries()) {
    if (isThere[row] === 1)
      for (let index = from; index < from + (count ?? 0); index++) take(processes[index], detailed)
    from += count ?? 0
  }
  const grouping = groupingOf(detailed.map(({ pid }) => pid))
  for (const field of detailFields) {
    const column = readNumbers(input, detailed.length, grouping)
    for (const [row, process] of detailed.entries()) process[field] = column[row] ?? null
  }
}

const take = (process: Growing | undefined, into: Array<Growing>): void => {
  if (process !== undefined) into.push(process)
}

const readHosts = (input: ByteReader, rows: number): ReadonlyArray<HostCounters> => {
  if (rows > input.left * 64 + 64) throw new MalformedBytes("there are more samples than bytes")
  const columns = hostFields.map((field) => [field, readNumbers(input, rows)] as const)
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map(([field, column]) => [field, column[row]])),
  ) as unknown as ReadonlyArray<HostCounters>
}

/** So many processes at most in one block: beyond it the numbers are no counts. */
const MAX_PROCESSES = 4_000_000

const readProcesses = (input: ByteReader, rows: number): ReadonlyArray<Growing> => {
  if (rows > MAX_PROCESSES) throw new MalformedBytes("there are more processes than a block can hold")
  const pids = readNumbers(input, rows) as Array<number>
  const name = readTexts(input, rows)
  const state = readTexts(input, rows)
  const grouping = groupingOf(pids)
  const [startTicks, parentPid, cpuTicks, residentBytes, virtualBytes, threads, readBytes, writtenBytes] =
    processFields.map(() => readNumbers(input, rows, grouping)) as Array<Array<number>>
  return pids.map((pid, row) => ({
    pid,
    startTicks: startTicks?.[row] as number,
    parentPid: parentPid?.[row] as number,
    name: name[row] as string,
    state: state[row] as string,
    cpuTicks: cpuTicks?.[row] as number,
    residentBytes: residentBytes?.[row] as number,
    virtualBytes: virtualBytes?.[row] as number,
    threads: threads?.[row] as number,
    readBytes: readBytes?.[row] as number | null,
    writtenBytes: writtenBytes?.[row] as number | null,
  }))
}
