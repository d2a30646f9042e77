// Where a verdict on collectives changed, as instants: judged anew at every tick, by the very rules that the agent answers by.

import { changedVerdicts, type SaidVerdicts } from "../../domain/collectives/changedVerdicts.ts"
import type { Collectives } from "../../domain/collectives/Collectives.ts"
import { judge } from "../../domain/collectives/judge.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import { processes } from "../../projections/processes.ts"
import { samples } from "../../projections/samples.ts"
import type { Picture } from "./Picture.ts"

const order = 2

export class VerdictMarks {
  readonly #picture: Picture
  readonly #collectives: () => Collectives
  readonly #said: SaidVerdicts = new Map()
  #processes = processes.initial()
  #samples = samples.initial()
  #last: Pick<Envelope, "at" | "position"> | null = null

  constructor(picture: Picture, collectives: () => Collectives) {
    this.#picture = picture
    this.#collectives = collectives
  }

  take(envelope: Envelope): void {
    this.#processes = processes.evolve(this.#processes, envelope)
    this.#samples = samples.evolve(this.#samples, envelope)
    this.#last = envelope
    if (envelope.event._tag === "Ticked") this.#look(envelope)
  }

  finish(): void {
    if (this.#last !== null) this.#look(this.#last)
  }

  #look({ at, position }: Pick<Envelope, "at" | "position">): void {
    const known = { collectives: this.#collectives(), processes: this.#processes, samples: this.#samples }
    for (const verdict of changedVerdicts(this.#said, judge(known, at))) {
      const pid = this.#picture.group("verdicts", "verdicts on collectives", order)
      const track = this.#picture.track(pid, 1, "verdicts")
      const culprits = verdict.culprits.map(({ rank }) => rank).join(",")
      const args = { position, communicator: verdict.communicator?.id ?? "", sentence: verdict.sentence, culprits }
      this.#picture.instant(track, verdict.kind, at, "verdict", args)
    }
  }
}
