// Telemetry that had to be given up: counted by source, and said in an event, once a second at most.

import type { KnownEvent } from "../../domain/Event.ts"

const SAY_EVERY_MICROS = 1_000_000

export class Drops {
  #counts = new Map<string, { count: number; reason: string }>()
  #saidAt = Number.NEGATIVE_INFINITY

  add(source: string, count: number, reason: string): void {
    const known = this.#counts.get(source)
    if (known === undefined) this.#counts.set(source, { count, reason })
    else known.count += count
  }

  /** What is to be said now: empty when there is nothing new or it was said just before. */
  take(mono: number): ReadonlyArray<KnownEvent> {
    if (this.#counts.size === 0 || mono - this.#saidAt < SAY_EVERY_MICROS) return []
    this.#saidAt = mono
    const events = [...this.#counts].map(([source, { count, reason }]): KnownEvent => ({
      _tag: "TelemetryDropped",
      source,
      count,
      reason,
    }))
    this.#counts = new Map()
    return events
  }
}
