// A track a rank with what it was in: waiting and transfer within, and an arrow from the last to come to everybody who waited for it.

import * as Collectives from "../../domain/collectives/Collectives.ts"
import { type Part, type Placed, tellHeld, watching } from "../../domain/collectives/placed.ts"
import type { Watch } from "../../domain/collectives/Watch.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import type { Arguments, Picture, Track } from "./Picture.ts"

/** Transfers have a track of their own beside the collectives': they are let go at another time. */
const transfersFrom = 100_000
const order = 10

/** What was drawn last on a track. */
interface Drawn {
  readonly end: number
  readonly ownEnd: number
}

interface Slice {
  readonly start: number
  /** From waiting to transfer. */
  readonly turn: number
  readonly end: number
  readonly waited: boolean
}

export class CollectiveTracks {
  readonly #picture: Picture
  readonly #watch: Watch
  readonly #drawn = new Map<string, Drawn>()
  #state = Collectives.initial()
  #last = 0

  constructor(picture: Picture) {
    this.#picture = picture
    this.#watch = watching((placed) => this.#draw(placed))
  }

  take(envelope: Envelope): void {
    this.#last = Math.max(this.#last, envelope.at)
    this.#state = Collectives.evolve(this.#state, envelope, this.#watch)
  }

  get state(): Collectives.Collectives {
    return this.#state
  }

  finish(): void {
    tellHeld(this.#state, (placed) => this.#draw(placed))
  }

  #draw(placed: Placed): void {
    const drawn = placed.parts.map((part) => this.#drawPart(placed, part))
    const last = placed.parts.findIndex(({ seat }) => seat.rank === placed.summary?.lastRank)
    const from = drawn[last]
    if (from === null || from === undefined) return
    for (const [index, to] of drawn.entries()) {
      if (index === last || to === null || !to.waited || to.end < from.start) continue
      this.#picture.arrow("waits for", { ...from, at: from.start }, { ...to, at: Math.max(from.start, to.turn) })
    }
  }

  /** Null where it is not one of the slices on its track. */
  #drawPart(placed: Placed, part: Part): (Track & Slice) | null {
    const { seat, operation } = part
    const track = this.#trackOf(placed, part)
    const key = `${track.pid} ${track.tid}`
    const before = this.#drawn.get(key)
    const args = argumentsOf(placed, part)
    const ordinal = placed.summary === null ? "" : ` #${placed.summary.ordinal}`
    const name = `${placed.signature.op}${ordinal}${operation.finished ? "" : " (not finished)"}`
    const wanted = Math.round(part.start)
    const wantedEnd = operation.finished ? Math.round(part.end) : Math.max(wanted, this.#last)
    if (before !== undefined && wanted < before.end && !(operation.start >= before.ownEnd)) {
      this.#picture.overlapping(track, name, wanted, wantedEnd, "overlapping", args)
      return null
    }
    // By its own clock it came after the one before: only the place of that clock has been fitted anew since.
    const start = Math.max(wanted, before?.end ?? -Infinity)
    const end = Math.max(start, wantedEnd)
    const known = Number.isFinite(part.waitMicros)
    const turn = Math.min(end, start + Math.round(known ? part.waitMicros : 0))
    this.#picture.slice(track, name, start, end, seat.communicator?.id ?? "", args)
    if (known && turn > start) this.#picture.slice(track, "wait", start, turn, "wait")
    if (known && end > turn) this.#picture.slice(track, "transfer", turn, end, "transfer")
    this.#drawn.set(key, { end, ownEnd: operation.finished ? operation.end : Infinity })
    return { ...track, start, turn, end, waited: known && turn > start }
  }

  #trackOf({ communicator, summary }: Placed, { seat }: Part): Track {
    const pid = this.#picture.group(`communicator ${communicator.id}`, `ranks of ${communicator.id}`, order)
    const whose = seat.pid === null ? "" : ` (pid ${seat.pid}${seat.host === null ? "" : `, ${seat.host}`})`
    return summary === null
      ? this.#picture.track(pid, transfersFrom + seat.rank, `rank ${seat.rank} send and recv`)
      : this.#picture.track(pid, 1 + seat.rank, `rank ${seat.rank}${whose}`)
  }
}

const argumentsOf = ({ signature, summary }: Placed, { operation }: Part): Arguments => ({
  position: operation.position,
  filename: signature.filename,
  ...(signature.count === null ? {} : { count: signature.count }),
  ...(signature.dataType === null ? {} : { type: signature.dataType }),
  ...(summary === null ? { remote_rank: operation.peer, bytes: operation.bytes } : { last_rank: summary.lastRank }),
})
