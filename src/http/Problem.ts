// A request that is answered with an error, whatever the shape in which a system's clients expect it.

import { Data } from "effect"

export class Problem extends Data.TaggedError("Problem")<{
  readonly status: number
  /** One sentence: what was wrong and what would be right. */
  readonly detail: string
  /** Short name of the kind, e.g. "process-not-running"; becomes the problem type under /v1. */
  readonly kind: string
  readonly headers?: Readonly<Record<string, string>>
}> {
  override get message() {
    return this.detail
  }
}
