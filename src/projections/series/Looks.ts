// From events to the values of series. Counters become rates between two looks at the same thing.

import { bytesOf } from "../../domain/collectives/bandwidth.ts"
import { noSignatures, type Signatures, signatureOf } from "../../domain/collectives/Signature.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import type { CollectiveEvent } from "../../domain/events/CollectiveEvents.ts"
import type { HostCounters, ProcessCounters, SampleEvent } from "../../domain/events/SampleEvents.ts"
import { hostQuantities, operationQuantities, processQuantities, type Quantity } from "./quantities.ts"
import * as SeriesKey from "./SeriesKey.ts"

/** Called for each series that an event says something about; values as many as names. */
export type Visit = (
  key: string,
  label: string | null,
  names: ReadonlyArray<Quantity>,
  values: ReadonlyArray<number | null>,
) => void

/** Linux reports CPU time in hundredths of a second on every platform that the agent runs on. */
const ticksPerSecond = 100
/** Two collectors may look at one process at nearly the same time: so short a span gives no rate. */
const shortestSeconds = 0.05
/** Processes that ended are forgotten once there are many. */
const maxKnown = 8192

interface HostLook {
  readonly busy: number
  readonly total: number
}

interface ProcessLook {
  readonly key: string
  readonly takenMicros: number
  readonly counters: ProcessCounters
}

export class Looks {
  #host: HostLook | null = null
  #processes = new Map<number, ProcessLook>()
  readonly #signatures: Signatures = noSignatures()
  readonly #operationKeys = new Map<string, string>()

  /** `asked` spares the work for series that nobody wants. */
  take({ event }: Envelope, asked: string, visit: Visit): void {
    switch (event._tag) {
      case "SamplesTaken":
        return this.#sample(event, asked, visit)
      case "CollectiveFinished":
      case "TransferFinished":
        return this.#operation(event, asked, visit)
      default:
        return
    }
  }

  #sample({ host, processes, takenMicros }: SampleEvent, asked: string, visit: Visit): void {
    if (host !== null && SeriesKey.covers(asked, SeriesKey.host)) this.#hostLook(host, visit)
    const pid = pidOf(asked)
    if (asked !== "" && !asked.startsWith("process/")) return
    for (const counters of processes) {
      if (pid === null || counters.pid === pid) this.#process(counters, takenMicros, asked, visit)
    }
    if (this.#processes.size > maxKnown) this.#forget(takenMicros)
  }

  #hostLook(host: HostCounters, visit: Visit): void {
    const busy = host.cpuBusyTicks - (this.#host?.busy ?? host.cpuBusyTicks)
    const total = host.cpuTotalTicks - (this.#host?.total ?? host.cpuTotalTicks)
    this.#host = { busy: host.cpuBusyTicks, total: host.cpuTotalTicks }
    visit(SeriesKey.host, null, hostQuantities, [
      total > 0 && busy >= 0 ? hundredths((100 * busy) / total) : null,
      host.memoryTotalBytes - host.memoryAvailableBytes,
      host.memoryTotalBytes,
      host.swapTotalBytes - host.swapFreeBytes,
      host.load1,
      host.load5,
      host.load15,
      host.processCount,
    ])
  }

  #process(counters: ProcessCounters, takenMicros: number, asked: string, visit: Visit): void {
    const known = this.#processes.get(counters.pid)
    const before = known?.counters.startTicks === counters.startTicks ? known : undefined
    const key = before?.key ?? SeriesKey.ofProcess(counters.pid, counters.startTicks)
    const seconds = before === undefined ? 0 : (takenMicros - before.takenMicros) / 1e6
    const cpu = rate(counters.cpuTicks, before?.counters.cpuTicks, seconds)
    if (SeriesKey.covers(asked, key)) {
      visit(key, counters.name, processQuantities, [
        cpu === null ? null : hundredths((100 * cpu) / ticksPerSecond),
        counters.residentBytes,
        counters.virtualBytes,
        counters.threads,
        rounded(rate(counters.readBytes, before?.counters.readBytes, seconds)),
        rounded(rate(counters.writtenBytes, before?.counters.writtenBytes, seconds)),
      ])
    }
    if (before !== undefined && seconds >= 0 && seconds < shortestSeconds) return
    this.#processes.set(counters.pid, { key, takenMicros, counters })
  }

  #forget(takenMicros: number): void {
    const since = takenMicros - 600e6
    this.#processes = new Map(Array.from(this.#processes).filter(([, look]) => look.takenMicros >= since))
  }

  #operation(event: Finished, asked: string, visit: Visit): void {
    const { startTime, endTime } = event
    const bytes = this.#bytesOf(event)
    const sizeClass = bytes === null ? null : bytes <= 0 ? 0 : Math.ceil(Math.log2(bytes))
    const dataType = "dataType" in event ? event.dataType : null
    const named = `${event.op} ${dataType} ${sizeClass} ${event.size}`
    let key = this.#operationKeys.get(named)
    if (key === undefined) {
      if (this.#operationKeys.size > maxKnown) this.#operationKeys.clear()
      key = SeriesKey.ofOperations(this.#kindOf(event), dataType, sizeClass, event.size)
      this.#operationKeys.set(named, key)
    }
    if (!SeriesKey.covers(asked, key)) return
    const micros = startTime === null || endTime === null ? null : endTime - startTime
    visit(key, event.op, operationQuantities, [micros === null || micros < 0 ? null : micros, bytes])
  }

  #kindOf(event: Finished): string {
    return signatureOf(this.#signatures, callOf(event)).op
  }

  #bytesOf(event: Finished): number | null {
    if (event._tag === "TransferFinished") return event.bytes
    return event.size === null ? null : bytesOf(signatureOf(this.#signatures, callOf(event)), event.size)
  }
}

type Finished = Extract<CollectiveEvent, { _tag: "CollectiveFinished" | "TransferFinished" }>

const none = { count: null, dataType: null, rootRank: null, algorithm: null } as const

const callOf = (event: Finished) =>
  event._tag === "CollectiveFinished" ? event : { ...none, op: event.op, filename: event.filename }

/** The pid of a question about one process; null of any other. */
const pidOf = (asked: string): number | null => {
  const found = /^process\/(\d+)\//.exec(asked)
  return found === null ? null : Number(found[1])
}

/** A second; null where there were no two looks, or where the counter began anew. */
const rate = (now: number | null, before: number | null | undefined, seconds: number): number | null =>
  now === null || before === null || before === undefined || seconds < shortestSeconds || now < before
    ? null
    : (now - before) / seconds

const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value))

const hundredths = (value: number): number => Math.round(value * 100) / 100
