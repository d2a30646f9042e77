// What waits for the writer, in order of arrival and within bounds. Telemetry that nobody waits for does not wake the writer by itself.

import { Effect } from "effect"
import type { StoreWrite } from "../store/BlockStore.ts"
import type { Limits } from "./Limits.ts"
import type { Pending } from "./Pending.ts"
import type { Deferred } from "effect"
import type { AppendError } from "../EventLog.ts"

/** A write beside the events (checkpoint, retention), joined to the next commit. */
export interface Errand {
  readonly write: StoreWrite
  readonly waiter: Deferred.Deferred<void, AppendError>
}

export interface Taken {
  readonly pendings: ReadonlyArray<Pending>
  readonly errands: ReadonlyArray<Errand>
}

export class Inbox {
  readonly #limits: Limits
  #waiting: Array<Pending> = []
  #errands: Array<Errand> = []
  #events = 0
  #bytes = 0
  #observedEvents = 0
  #observedBytes = 0
  #urgent = false
  #wakeWriter: (() => void) | null = null
  #wakeTimer: (() => void) | null = null

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** False when there is no room: nothing was taken. */
  offer(pending: Pending): boolean {
    const events = pending.batch.events.length
    if (pending.waiter === null) {
      if (this.#observedEvents + events > this.#limits.observedEvents) return false
      if (this.#observedBytes + pending.bytes > this.#limits.observedBytes) return false
      this.#observedEvents += events
      this.#observedBytes += pending.bytes
      this.#waiting.push(pending)
      this.#wakeTimer?.()
      return true
    }
    if (this.#events + events > this.#limits.queueEvents) return false
    if (this.#bytes + pending.bytes > this.#limits.queueBytes) return false
    this.#events += events
    this.#bytes += pending.bytes
    this.#waiting.push(pending)
    this.urge()
    return true
  }

  run(errand: Errand): void {
    this.#errands.push(errand)
    this.urge()
  }

  /** Whatever waits is to be written now. */
  urge(): void {
    this.#urgent = true
    this.#wakeWriter?.()
  }

  /** Returns once something is to be written. */
  readonly work: Effect.Effect<void> = Effect.async((resume) => {
    if (this.#urgent) return resume(Effect.void)
    this.#wakeWriter = () => {
      this.#wakeWriter = null
      resume(Effect.void)
    }
    return Effect.sync(() => {
      this.#wakeWriter = null
    })
  })

  /** Returns once there is telemetry that nobody waits for. */
  readonly observed: Effect.Effect<void> = Effect.async((resume) => {
    if (this.#observedEvents > 0) return resume(Effect.void)
    this.#wakeTimer = () => {
      this.#wakeTimer = null
      resume(Effect.void)
    }
    return Effect.sync(() => {
      this.#wakeTimer = null
    })
  })

  /** The next group: a prefix of what waits, so that arrival times never go back but with the clock itself. */
  take(): Taken {
    let events = 0
    let bytes = 0
    let at = 0
    let count = 0
    for (const pending of this.#waiting) {
      events += pending.batch.events.length
      bytes += pending.bytes
      const tooMuch = events > this.#limits.groupEvents || bytes > this.#limits.groupBytes
      if (count > 0 && (tooMuch || pending.at < at)) break
      at = pending.at
      count += 1
    }
    const pendings = this.#waiting.slice(0, count)
    this.#waiting = this.#waiting.slice(count)
    const errands = this.#errands
    this.#errands = []
    for (const pending of pendings) this.#forget(pending)
    this.#urgent = this.#waiting.length > 0
    return { pendings, errands }
  }

  /** Everything that somebody waits for, taken out; telemetry stays for better times. */
  refuse(): Taken {
    const pendings = this.#waiting.filter((pending) => pending.waiter !== null)
    this.#waiting = this.#waiting.filter((pending) => pending.waiter === null)
    const errands = this.#errands
    this.#errands = []
    for (const pending of pendings) this.#forget(pending)
    this.#urgent = false
    return { pendings, errands }
  }

  /** So much waits that the next group is worth packing while the one before syncs. */
  get isBusy(): boolean {
    return this.#events >= this.#limits.aheadEvents
  }

  get idle(): boolean {
    return this.#waiting.length === 0 && this.#errands.length === 0
  }

  #forget(pending: Pending): void {
    const events = pending.batch.events.length
    if (pending.waiter === null) {
      this.#observedEvents -= events
      this.#observedBytes -= pending.bytes
    } else {
      this.#events -= events
      this.#bytes -= pending.bytes
    }
  }
}
