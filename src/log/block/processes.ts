// Looks at every process of a host, in columns: few rows a look, each beside its neighbours or beside itself in the look before.

import type { CounterRow, ProcessesSampled, ProcessFacts } from "../../domain/events/HostProcessEvents.ts"
import { ByteReader, ByteWriter, MalformedBytes } from "./Bytes.ts"
import { readTexts, writeTexts } from "./dictionary.ts"
import { groupingOf, readNumbers, writeNumbers } from "./numbers.ts"

/** Raised with every change of the columns; older ones stay readable. */
const VERSION = 1

const lookFields = ["takenMicros", "look", "total", "bootSeconds"] as const satisfies ReadonlyArray<
  keyof ProcessesSampled
>
const factNumbers = ["pid", "startTicks", "parentPid", "group", "nice", "uid"] as const satisfies ReadonlyArray<
  keyof ProcessFacts
>
const factTexts = ["name", "user", "commandLine", "cgroup"] as const satisfies ReadonlyArray<keyof ProcessFacts>

type Column = (typeof lookFields)[number] | "_tag" | "collector" | "whole" | "facts" | "changed" | "ended"
type Uncovered = [
  Exclude<keyof ProcessesSampled, Column>,
  Exclude<keyof ProcessFacts, (typeof factNumbers)[number] | (typeof factTexts)[number]>,
]
/** A field that is added to these events must be added to the columns too: until then this does not compile. */
const everyFieldHasAColumn: Uncovered extends [never, never] ? true : never = true

/** Whether the columns hold all of an event: one with other fields than its type has is kept as a record. */
export const fits = (event: { readonly _tag: string }): boolean => {
  if (!everyFieldHasAColumn || event._tag !== "ProcessesSampled") return false
  const { facts, changed } = event as ProcessesSampled
  return (
    Object.keys(event).length === lookFields.length + 6 &&
    facts.every((one) => Object.keys(one).length === factNumbers.length + factTexts.length) &&
    changed.every((row) => row.length === 5)
  )
}

export const writeProcesses = (events: ReadonlyArray<ProcessesSampled>): Uint8Array => {
  const out = new ByteWriter(1024)
  out.byte(VERSION)
  writeTexts(
    out,
    events.map(({ collector }) => collector),
  )
  const numbers = (values: ReadonlyArray<number>) => writeNumbers(out, values)
  for (const field of lookFields) numbers(events.map((event) => event[field]))
  numbers(events.map(({ whole }) => Number(whole)))
  numbers(events.map(({ facts }) => facts.length))
  numbers(events.map(({ changed }) => changed.length))
  numbers(events.map(({ ended }) => ended.length))
  numbers(events.flatMap(({ ended }) => ended))
  writeFacts(
    out,
    events.flatMap(({ facts }) => facts),
  )
  writeRows(
    out,
    events.flatMap(({ changed }) => changed),
  )
  return out.view()
}

const writeFacts = (out: ByteWriter, facts: ReadonlyArray<ProcessFacts>): void => {
  for (const field of factNumbers)
    writeNumbers(
      out,
      facts.map((one) => one[field]),
    )
  for (const field of factTexts)
    writeTexts(
      out,
      facts.map((one) => one[field]),
    )
}

const writeRows = (out: ByteWriter, rows: ReadonlyArray<CounterRow>): void => {
  const pids = rows.map((row) => row[0])
  writeNumbers(out, pids)
  writeTexts(
    out,
    rows.map((row) => row[1]),
  )
  const grouping = groupingOf(pids)
  for (const index of [2, 3, 4] as const)
    writeNumbers(
      out,
      rows.map((row) => row[index]),
      grouping,
    )
}

export const readProcesses = (bytes: Uint8Array, count: number): ReadonlyArray<ProcessesSampled> => {
  const input = new ByteReader(bytes)
  const version = input.byte()
  if (version !== VERSION) throw new MalformedBytes(`processes have columns of version ${version}`)
  const collector = readTexts(input, count)
  const numbers = (rows: number) => readNumbers(input, rows) as Array<number>
  const [takenMicros, look, total, bootSeconds] = lookFields.map(() => numbers(count))
  const whole = numbers(count)
  const factCounts = numbers(count)
  const rowCounts = numbers(count)
  const endedCounts = numbers(count)
  const ended = numbers(sum(endedCounts, input))
  const facts = readFacts(input, sum(factCounts, input))
  const rows = readRows(input, sum(rowCounts, input))
  const at = { facts: 0, rows: 0, ended: 0 }
  return collector.map((name, index) => ({
    _tag: "ProcessesSampled",
    collector: name as string,
    takenMicros: takenMicros?.[index] as number,
    look: look?.[index] as number,
    whole: whole[index] === 1,
    total: total?.[index] as number,
    bootSeconds: bootSeconds?.[index] as number,
    facts: facts.slice(at.facts, (at.facts += factCounts[index] ?? 0)),
    changed: rows.slice(at.rows, (at.rows += rowCounts[index] ?? 0)),
    ended: ended.slice(at.ended, (at.ended += endedCounts[index] ?? 0)),
  }))
}

/** So many rows at most in one block: beyond it the numbers are no counts. */
const MAX_ROWS = 4_000_000

const sum = (counts: ReadonlyArray<number>, input: ByteReader): number => {
  const rows = counts.reduce((total, count) => total + count, 0)
  if (rows > MAX_ROWS || rows < 0) throw new MalformedBytes(`${rows} processes do not fit into ${input.left} bytes`)
  return rows
}

const readFacts = (input: ByteReader, rows: number): ReadonlyArray<ProcessFacts> => {
  const [pid, startTicks, parentPid, group, nice, uid] = factNumbers.map(() => readNumbers(input, rows))
  const [name, user, commandLine, cgroup] = factTexts.map(() => readTexts(input, rows))
  return Array.from({ length: rows }, (_, row) => ({
    pid: pid?.[row] as number,
    startTicks: startTicks?.[row] as number,
    parentPid: parentPid?.[row] as number,
    group: group?.[row] as number,
    name: name?.[row] as string,
    nice: nice?.[row] as number,
    uid: uid?.[row] as number | null,
    user: user?.[row] as string | null,
    commandLine: commandLine?.[row] as string,
    cgroup: cgroup?.[row] as string | null,
  }))
}

const readRows = (input: ByteReader, rows: number): ReadonlyArray<CounterRow> => {
  const pids = readNumbers(input, rows) as Array<number>
  const states = readTexts(input, rows)
  const grouping = groupingOf(pids)
  const [ticks, resident, threads] = [0, 1, 2].map(() => readNumbers(input, rows, grouping) as Array<number>)
  return pids.map((pid, row) => [
    pid,
    states[row] as string,
    ticks?.[row] as number,
    resident?.[row] as number,
    threads?.[row] as number,
  ])
}
