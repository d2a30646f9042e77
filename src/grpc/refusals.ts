// Why something could not be done, from the program's errors to the flags of an answer.

import type { CommandError } from "../commands/Commands.ts"
import type { Rejection } from "../domain/Rejection.ts"
import type { StillUndecided } from "../projections/awaiting.ts"
import type { MomentUnknown, ViewsUnavailable } from "../projections/Views.ts"
import { exception, Refusal } from "./Refusal.ts"

type Failure = Rejection | CommandError | StillUndecided | MomentUnknown | ViewsUnavailable

export const asRefusal = (error: Failure): Refusal => {
  switch (error._tag) {
    case "StillUndecided":
      return exception(
        `nothing is known of it after ${error.millis / 1000} s${pidOf(error)}; it may hang in the kernel`,
        true,
      )
    case "ReadOnly":
    case "Unavailable":
    case "CommandOutcomeUnknown":
    case "ViewsUnavailable":
    case "MomentUnknown":
      return new Refusal({ flag: "FAILED", reason: error.reason, isTold: true })
    default:
      return exception(error.message, true)
  }
}

const pidOf = ({ process }: StillUndecided): string =>
  process?.identity === null || process === null ? "" : ` (pid ${process.identity.pid})`
