// The history of one process in a stretch of looks: every look while they are few, means of several in a row when they are many.

import type { Envelope } from "../domain/Envelope.ts"
import type { ProcessesSampled } from "../domain/events/HostProcessEvents.ts"
import * as HostProcesses from "../domain/samples/HostProcesses.ts"
import { ticksPerSecond } from "../domain/samples/Samples.ts"

export interface Point {
  /** Wall time of the first look in it, µs. */
  readonly at: number
  samples: number
  cpuSum: number
  cpuMax: number
  residentSum: number
  residentMax: number
}

/** Points beyond these are joined two by two: the history of any span takes bounded memory. */
const pointsMost = 1000

export class ProcessHistory {
  readonly #pid: number
  readonly #from: number
  #points: Array<Point> = []
  /** Looks to a point. */
  #width = 1
  #whole: Point = pointAt(0)
  #look = 0
  #takenMicros = 0
  #startTicks: number | null = null
  #known: { cpuTicks: number; residentBytes: number } | null = null
  #seen = false

  /** Looks before `from` (wall time, µs) only prepare for it. */
  constructor(pid: number, from: number) {
    this.#pid = pid
    this.#from = from
  }

  /** Whether any look told of a process with this pid. */
  get seen(): boolean {
    return this.#seen
  }

  get points(): ReadonlyArray<Point> {
    return this.#points
  }

  /** All of it in one point; null when nothing is in it. */
  get summary(): Point | null {
    return this.#whole.samples === 0 ? null : this.#whole
  }

  take({ event, at }: Envelope): void {
    if (event._tag === "AgentStarted") this.#look = 0
    if (event._tag !== "ProcessesSampled" || !HostProcesses.follows({ look: this.#look }, event)) return
    const seconds = (event.takenMicros - this.#takenMicros) / 1e6
    const before = this.#known
    this.#read(event)
    this.#look = event.look
    this.#takenMicros = event.takenMicros
    if (this.#known === null) return
    this.#seen = true
    if (before === null || seconds <= 0 || at < this.#from) return
    const ticks = this.#known.cpuTicks - before.cpuTicks
    this.#add(at, Math.max(0, (100 * ticks) / ticksPerSecond / seconds), this.#known.residentBytes)
  }

  #read(event: ProcessesSampled): void {
    const pid = this.#pid
    if (event.ended.includes(pid)) this.#known = null
    const facts = event.facts.find((one) => one.pid === pid)
    if (facts !== undefined && facts.startTicks !== this.#startTicks) this.#meet(facts.startTicks)
    const row = event.changed.find((one) => one[0] === pid)
    if (row !== undefined) this.#known = { cpuTicks: row[2], residentBytes: row[3] }
    else if (event.whole) this.#known = null
  }

  /** The pid is another process's now: what went before is not of this one. */
  #meet(startTicks: number): void {
    this.#startTicks = startTicks
    this.#known = null
    this.#points = []
    this.#width = 1
    this.#whole = pointAt(0)
  }

  #add(at: number, cpu: number, resident: number): void {
    const last = this.#points.at(-1)
    if (last !== undefined && last.samples < this.#width) count(last, cpu, resident)
    else {
      const point = pointAt(at)
      count(point, cpu, resident)
      this.#points.push(point)
    }
    count(this.#whole, cpu, resident)
    if (this.#points.length > pointsMost) this.#halve()
  }

  #halve(): void {
    this.#width *= 2
    const halved: Array<Point> = []
    for (let index = 0; index < this.#points.length; index += 2) {
      const point = this.#points[index]
      if (point === undefined) continue
      const next = this.#points[index + 1]
      if (next !== undefined) join(point, next)
      halved.push(point)
    }
    this.#points = halved
  }
}

const pointAt = (at: number): Point => ({ at, samples: 0, cpuSum: 0, cpuMax: 0, residentSum: 0, residentMax: 0 })

const count = (point: Point, cpu: number, resident: number): void => {
  point.samples += 1
  point.cpuSum += cpu
  point.cpuMax = Math.max(point.cpuMax, cpu)
  point.residentSum += resident
  point.residentMax = Math.max(point.residentMax, resident)
}

const join = (into: Point, other: Point): void => {
  into.samples += other.samples
  into.cpuSum += other.cpuSum
  into.cpuMax = Math.max(into.cpuMax, other.cpuMax)
  into.residentSum += other.residentSum
  into.residentMax = Math.max(into.residentMax, other.residentMax)
}
