// What a writer was told is durable, and whether a log has it: exactly there, exactly that.

import { readFileSync } from "node:fs"
import { Chunk, Effect, Stream } from "effect"
import { Position } from "../../src/domain/Brands.ts"
import { EventLog } from "../../src/log/EventLog.ts"
import { acted, seen } from "./programs/written.ts"

export interface Acknowledged {
  readonly first: number
  readonly last: number
  readonly number: number
  readonly telemetry: boolean
}

/** A last line that was cut short was never synced, and so counts for nothing. */
export const readJournal = (path: string): ReadonlyArray<Acknowledged> =>
  readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const [first, last, number, lane] = line.split(" ")
      return { first: Number(first), last: Number(last), number: Number(number), telemetry: lane === "t" }
    })

export interface Survey {
  readonly acknowledged: number
  readonly lost: number
  readonly head: number
}

/** Looks at acknowledgements from a position on; counts events that are lost or are others than were acknowledged. */
export const survey = (journal: ReadonlyArray<Acknowledged>, from = 1): Effect.Effect<Survey, unknown, EventLog> =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const { head } = yield* log.info
    const chunks = yield* Stream.runCollect(log.read({ from: Position(from) }))
    const events = new Map(
      Chunk.toReadonlyArray(chunks)
        .flat()
        .map((envelope) => [envelope.position as number, envelope]),
    )
    const numbers = [...events.keys()]
    if (numbers.length !== Math.max(0, head - from + 1)) throw new Error("positions are not dense")
    let acknowledged = 0
    let lost = 0
    for (const { first, last, number, telemetry } of journal) {
      if (first < from) continue
      const { events: expected, command } = telemetry ? seen(number, last - first + 1) : acted(number, last - first + 1)
      for (const [index, event] of expected.entries()) {
        acknowledged += 1
        const there = events.get(first + index)
        const right = there?.command === command && JSON.stringify(there.event) === JSON.stringify(event)
        if (!right) lost += 1
      }
    }
    const commands = new Map<string, number>()
    for (const { command } of events.values())
      if (command !== null) commands.set(command, (commands.get(command) ?? 0) + 1)
    for (const [command, count] of commands) {
      const number = Number(command.split("-")[1])
      if (count > 1 + (number % 5)) throw new Error(`${command} was appended twice`)
    }
    return { acknowledged, lost, head }
  })
