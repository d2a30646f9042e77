// A call that is not carried out: which flag says so, and in what words.

import { Data } from "effect"
import type { Flag } from "./Generation.ts"

export class Refusal extends Data.TaggedError("Refusal")<{
  readonly flag: Flag
  readonly reason: string
  /** Whether the log knows of it already. */
  readonly isTold: boolean
}> {
  override get message() {
    return this.reason
  }
}

/** What was asked cannot be read. */
export const badFormat = (reason: string): Refusal =>
  new Refusal({ flag: "NOT_EXECUTED_BAD_REQUEST_FORMAT", reason, isTold: false })

/** It can be read, and cannot be done. */
export const exception = (reason: string, isTold = false): Refusal =>
  new Refusal({ flag: "DRUNC_EXCEPTION_THROWN", reason, isTold })
