// The life of each managed process, and what it and its host took: processor, memory, bytes read and written.

import type { Envelope } from "../../domain/Envelope.ts"
import type { HostCounters, ProcessCounters, SampleEvent } from "../../domain/events/SampleEvents.ts"
import type { Picture } from "./Picture.ts"

const order = { host: 0, process: 20 }
/** On Linux a tick is a hundredth of a second. */
const ticksPerSecond = 100
/** Counters of so many processes are drawn; a picture of more is none. */
const maxCounted = 256

interface Life {
  readonly pid: number
  /** The kernel's. */
  readonly osPid: number
  readonly since: number
  readonly position: number
}

interface Look {
  readonly at: number
  readonly counters: ProcessCounters
}

export class ProcessTracks {
  readonly #picture: Picture
  readonly #names = new Map<string, string>()
  readonly #lives = new Map<string, Life>()
  readonly #looks = new Map<number, Look>()
  #host: HostCounters | null = null
  #last = 0

  constructor(picture: Picture) {
    this.#picture = picture
  }

  take({ event, at, position }: Envelope): void {
    this.#last = Math.max(this.#last, at)
    switch (event._tag) {
      case "ProcessBootRequested":
        this.#names.set(event.process, event.spec.name)
        return
      case "ProcessBooted":
        this.#end(event.process, at, "unknown")
        this.#lives.set(event.process, {
          pid: this.#groupOf(event.process),
          osPid: event.identity.pid,
          since: at,
          position,
        })
        return
      case "ProcessExited":
        this.#end(event.process, at, endWords(event))
        return
      case "SamplesTaken":
        this.#count(event, at)
        return
      default:
        return
    }
  }

  finish(): void {
    for (const process of Array.from(this.#lives.keys())) this.#end(process, this.#last, "still running")
  }

  #groupOf(process: string): number {
    return this.#picture.group(`process ${process}`, this.#names.get(process) ?? process, order.process)
  }

  #end(process: string, at: number, how: string): void {
    const life = this.#lives.get(process)
    if (life === undefined) return
    this.#lives.delete(process)
    const { pid, osPid, since, position } = life
    const track = this.#picture.track(pid, 1, "life")
    this.#picture.slice(track, `pid ${osPid}`, since, at, "process", { position, end: how })
  }

  #count({ host, processes }: SampleEvent, at: number): void {
    if (host !== null) this.#countHost(host, at)
    if (processes.length === 0) return
    const byPid = new Map(Array.from(this.#lives, ([process, { osPid }]) => [osPid, process]))
    for (const counters of processes) {
      const process = byPid.get(counters.pid)
      const before = this.#looks.get(counters.pid)
      if (process === undefined || (before === undefined && this.#looks.size >= maxCounted)) continue
      this.#looks.set(counters.pid, { at, counters })
      this.#countProcess(this.#groupOf(process), counters, before, at)
    }
  }

  #countHost(host: HostCounters, at: number): void {
    const pid = this.#picture.group("host", "host", order.host)
    const before = this.#host
    this.#host = host
    const total = host.cpuTotalTicks - (before?.cpuTotalTicks ?? host.cpuTotalTicks)
    if (before !== null && total > 0)
      this.#picture.counter(pid, "cpu %", at, round((100 * (host.cpuBusyTicks - before.cpuBusyTicks)) / total))
    this.#picture.counter(pid, "memory used, bytes", at, host.memoryTotalBytes - host.memoryAvailableBytes)
    this.#picture.counter(pid, "load", at, host.load1)
  }

  #countProcess(pid: number, counters: ProcessCounters, before: Look | undefined, at: number): void {
    this.#picture.counter(pid, "memory, bytes", at, counters.residentBytes)
    const seconds = before === undefined ? 0 : (at - before.at) / 1e6
    if (before === undefined || seconds <= 0 || before.counters.startTicks !== counters.startTicks) return
    const ticks = counters.cpuTicks - before.counters.cpuTicks
    this.#picture.counter(pid, "cpu % of a core", at, round((100 * ticks) / (ticksPerSecond * seconds)))
    for (const [name, now, then] of [
      ["read, bytes/s", counters.readBytes, before.counters.readBytes],
      ["written, bytes/s", counters.writtenBytes, before.counters.writtenBytes],
    ] as const) {
      if (now !== null && then !== null) this.#picture.counter(pid, name, at, round((now - then) / seconds))
    }
  }
}

const round = (value: number): number => Math.round(value * 100) / 100

const endWords = ({ code, signal }: { readonly code: number | null; readonly signal: number | null }): string =>
  signal === null ? (code === null ? "unknown" : `code ${code}`) : `signal ${signal}`
