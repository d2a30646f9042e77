// Calls of routines, which may run side by side, and alerts as instants.

import { collectives } from "../../domain/alerts/builtIn.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import type { Picture } from "./Picture.ts"

const order = { alerts: 1, job: 30 }
/** Calls that are under way at once. */
const maxOpen = 4096

interface Call {
  readonly routine: string
  readonly slot: string
  readonly since: number
  readonly position: number
}

export class JobTracks {
  readonly #picture: Picture
  readonly #calls = new Map<string, Call>()
  #last = 0

  constructor(picture: Picture) {
    this.#picture = picture
  }

  take({ event, at, position }: Envelope): void {
    this.#last = Math.max(this.#last, at)
    switch (event._tag) {
      case "SlotCalled":
        if (this.#calls.size < maxOpen)
          this.#calls.set(keyOf(event), { routine: event.routine, slot: event.slot, since: at, position })
        return
      case "RoutineFinished":
        this.#end(keyOf(event), event.job, at, "finished")
        return
      case "RoutineFailed":
        this.#end(keyOf(event), event.job, at, `failed: ${event.error.message}`)
        return
      case "AlertRaised":
        // Verdicts are marked with all their changes.
        if (event.rule === collectives) return
        this.#mark(`${event.name}: ${event.sentence}`, at, { position, subject: event.subject })
        return
      case "AlertCleared":
        if (event.rule === collectives) return
        this.#mark(`cleared: ${event.reason}`, at, { position, subject: event.subject })
        return
      default:
        return
    }
  }

  finish(): void {
    for (const key of Array.from(this.#calls.keys()))
      this.#end(key, key.slice(key.indexOf(" ") + 1), this.#last, "under way")
  }

  #end(key: string, job: string, at: number, how: string): void {
    const call = this.#calls.get(key)
    if (call === undefined) return
    this.#calls.delete(key)
    const pid = this.#picture.group(`job ${job}`, `job ${job}`, order.job)
    const track = this.#picture.track(pid, 1, "routines")
    const { routine, slot, since, position } = call
    this.#picture.overlapping(track, `${routine}.${slot}`, since, at, "routine", { position, end: how })
  }

  #mark(name: string, at: number, args: Readonly<Record<string, string | number>>): void {
    const pid = this.#picture.group("alerts", "alerts", order.alerts)
    this.#picture.instant(this.#picture.track(pid, 1, "alerts"), name, at, "alert", args)
  }
}

const keyOf = ({ job, call }: { readonly job: string; readonly call: number }): string => `${call} ${job}`
