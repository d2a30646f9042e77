// An agent's log with nothing around it: appends without end and writes down, synced, what was acknowledged. Made to be killed.

import { closeSync, fsyncSync, openSync, writeSync } from "node:fs"
import { Effect, Schedule } from "effect"
import { Checkpoints } from "../../../src/log/Checkpoints.ts"
import { EventLog } from "../../../src/log/EventLog.ts"
import * as LevelEventLog from "../../../src/log/level/LevelEventLog.ts"
import { acted, seen } from "./written.ts"

interface Task {
  readonly directory: string
  /** One line an acknowledgement: first and last position, number of the first event, lane. */
  readonly journal: string
  readonly fibers: number
  /** Numbers of events begin here: no two rounds write the same. */
  readonly from: number
  readonly ballastBytes: number
  readonly batches: number
  /** Telemetry is turned away while the disk is nearly full; without it every batch meets the full disk itself. */
  readonly telemetry: boolean
}

/** The disks of the fault tests are small. */
const LOW_SPACE_BYTES = 128 * 1024

const task = JSON.parse(process.argv[2] ?? "{}") as Task
const journal = openSync(task.journal, "a")
let next = task.from

const say = (line: string): void => {
  writeSync(1, `${line}\n`)
}

const acknowledge = (first: number, last: number, number: number, telemetry: boolean): void => {
  writeSync(journal, `${first} ${last} ${number} ${telemetry ? "t" : "a"}\n`)
  fsyncSync(journal)
}

/** The same command id again until it is answered: whatever the disk does, it is there once. */
const untilAnswered = Schedule.spaced("20 millis").pipe(Schedule.intersect(Schedule.recurs(2000)))

const append = Effect.gen(function* () {
  const log = yield* EventLog
  const number = next
  const count = 1 + (number % 5)
  next += count
  const telemetry = task.telemetry && number % 3 === 0
  const offered = telemetry ? seen(number, count) : acted(number, count)
  const answer = yield* log.append(offered).pipe(
    Effect.tapError((error) => Effect.sync(() => say(error._tag))),
    Effect.retry(untilAnswered),
  )
  acknowledge(answer.first, answer.last, number, telemetry)
  if (answer.last % 50 < count) {
    yield* Effect.ignore(
      Effect.flatMap(Checkpoints, (kept) => kept.save("writer", 1, answer.last, new Uint8Array(500))),
    )
  }
})

const program = Effect.gen(function* () {
  const log = yield* EventLog
  say(`ready ${(yield* log.info).head}`)
  const rounds = Array.from({ length: task.batches }, (_, index) => index)
  yield* Effect.forEach(rounds, () => append, { concurrency: task.fibers, discard: true })
  say("done")
}).pipe(
  Effect.provide(
    LevelEventLog.layer({
      directory: task.directory,
      ballastBytes: task.ballastBytes,
      limits: { lowSpaceBytes: LOW_SPACE_BYTES },
    }),
  ),
  Effect.catchTag("LogUnopenable", ({ reason, advice }) =>
    Effect.sync(() => {
      say(`refused ${reason}; ${advice}`)
      process.exitCode = 1
    }),
  ),
)

Effect.runFork(program).addObserver((exit) => {
  if (exit._tag === "Failure") {
    say(`failed ${JSON.stringify(exit.cause)}`)
    process.exitCode = 3
  }
  closeSync(journal)
})
