// Why a text is no condition: what is wrong, and where.

import { Data } from "effect"

export class ConditionRefused extends Data.TaggedError("ConditionRefused")<{
  /** Characters before the place that is wrong. */
  readonly position: number
  readonly reason: string
}> {
  override get message() {
    return `condition, at character ${this.position + 1}: ${this.reason}`
  }
}
