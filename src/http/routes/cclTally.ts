// What every form of POST /log_ccl shares: who reports, how events are recorded, and the count of what was taken.

import { hostname } from "node:os"
import { Effect } from "effect"
import { Commands } from "../../commands/Commands.ts"
import type { CollectiveEvent } from "../../domain/events/CollectiveEvents.ts"
import * as Ccl from "../../wire/ccl.ts"
import type { CclAnswer } from "../../wire/cclAnswers.ts"
import type { Problem } from "../Problem.ts"
import { ofCommandError } from "../problems.ts"
import type { Answer, RouteCaller } from "../Route.ts"

/** A process that was found by its local connection runs where the agent does. */
const ownHost = hostname()

/** The process behind the connection is looked for only when a record does not say itself who reports. */
export const senderOf = (records: ReadonlyArray<unknown>, caller: RouteCaller): Effect.Effect<Ccl.Sender> =>
  records.every(Ccl.namesReporter)
    ? Effect.succeed({ pid: null, host: null, address: caller.peer })
    : Effect.map(caller.peerPid, (pid) => ({ pid, host: pid === null ? null : ownHost, address: caller.peer }))

export const recordAll = (
  events: ReadonlyArray<CollectiveEvent>,
  caller: RouteCaller,
): Effect.Effect<void, Problem, Commands> =>
  events.length === 0
    ? Effect.void
    : Effect.flatMap(Commands, (commands) =>
        Effect.mapError(Effect.asVoid(commands.record(events, caller)), ofCommandError),
      )

export interface CclTally {
  accepted: number
  readonly rejected: Array<{ readonly line: number; readonly error: string }>
  rejectedCount: number
}

export const newTally = (): CclTally => ({ accepted: 0, rejected: [], rejectedCount: 0 })

/** So many rejected lines are told one by one; the others are counted. */
const maxRejectedTold = 1000

export const reject = (tally: CclTally, line: number, error: string): void => {
  tally.rejectedCount++
  if (tally.rejected.length < maxRejectedTold) tally.rejected.push({ line, error })
}

export const tallied = (tally: CclTally): Answer => ({
  status: 200,
  body: {
    message: "Log processed",
    accepted: tally.accepted,
    rejected: tally.rejected,
    ...(tally.rejectedCount > tally.rejected.length ? { rejected_count: tally.rejectedCount } : {}),
  } satisfies CclAnswer,
})
