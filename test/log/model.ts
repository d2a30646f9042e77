// The log beside a plain array: whatever is done to it, what is read back is what the array holds.

import { Chunk, Effect, Exit, FastCheck as fc, Scope, Stream, TestClock } from "effect"
import { Position } from "../../src/domain/Brands.ts"
import type { Envelope } from "../../src/domain/Envelope.ts"
import type { KnownEvent } from "../../src/domain/Event.ts"
import { type Batch, EventLog } from "../../src/log/EventLog.ts"
import { LogUpkeep } from "../../src/log/LogUpkeep.ts"
import { Checkpoints } from "../../src/log/Checkpoints.ts"
import type { Place } from "./eventLogSuite.ts"
import { action, batch, collective } from "./given.ts"
import { Context, Layer } from "effect"
import type { OpenLog } from "../../src/log/core/OpenLog.ts"

export type Step =
  | { readonly _tag: "append"; readonly actions: boolean; readonly count: number; readonly command: number | null }
  | { readonly _tag: "together"; readonly counts: ReadonlyArray<number> }
  | { readonly _tag: "observe"; readonly count: number }
  | { readonly _tag: "wait"; readonly millis: number }
  | { readonly _tag: "reopen" }
  | { readonly _tag: "crash" }
  | { readonly _tag: "fault"; readonly written: boolean }
  | { readonly _tag: "retain"; readonly agoMillis: number }
  | { readonly _tag: "read"; readonly from: number; readonly length: number }
  | { readonly _tag: "at"; readonly agoMillis: number }
  | { readonly _tag: "checkpoint" }

const natural = (max: number) => fc.integer({ min: 1, max })

export const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        _tag: fc.constant("append" as const),
        actions: fc.boolean(),
        count: natural(7),
        command: fc.option(natural(5)),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        _tag: fc.constant("together" as const),
        counts: fc.array(natural(4), { minLength: 1, maxLength: 6 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ _tag: fc.constant("observe" as const), count: natural(3) }) },
    // An hour back now and then: the wall clock is not to be trusted.
    {
      weight: 2,
      arbitrary: fc.record({
        _tag: fc.constant("wait" as const),
        millis: fc.constantFrom(1, 50, 150, 5000, 60_000, -3_600_000),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ _tag: fc.constantFrom("reopen" as const, "crash" as const, "checkpoint" as const) }),
    },
    { weight: 1, arbitrary: fc.record({ _tag: fc.constant("fault" as const), written: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        _tag: fc.constant("retain" as const),
        agoMillis: fc.constantFrom(0, 100, 10_000, 100_000),
      }),
    },
    { weight: 2, arbitrary: fc.record({ _tag: fc.constant("read" as const), from: natural(60), length: natural(40) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        _tag: fc.constant("at" as const),
        agoMillis: fc.constantFrom(-10_000, 0, 1, 100, 5000, 100_000, 4_000_000),
      }),
    },
  ),
  { minLength: 1, maxLength: 40 },
)

/** A place whose next write can be made to fail, and that can be cut off as a killed agent would be. */
export interface FaultyPlace extends Place {
  readonly failNext: (written: boolean) => void
  /** What a log opened now would find, had the agent died at this moment. */
  readonly crashed: () => FaultyPlace
}

interface Held {
  readonly position: number
  readonly at: number
  readonly event: KnownEvent
}

/** Runs the steps, comparing after each; throws where log and array differ. */
export const compare = (start: FaultyPlace, program: ReadonlyArray<Step>): Effect.Effect<void, unknown> =>
  Effect.gen(function* () {
    const model = new Model(start)
    yield* TestClock.setTime(1_700_000_000_000)
    yield* model.open
    for (const step of program) {
      yield* model.take(step)
      yield* model.check
    }
    yield* model.reopen
    yield* model.check
    yield* model.close
  })

class Model {
  #place: FaultyPlace
  #scope: Scope.CloseableScope | null = null
  #services: Context.Context<OpenLog> | null = null
  #held: Array<Held> = []
  #agedTo = 0
  readonly #commands = new Map<number, { readonly first: number; readonly last: number }>()
  #next = 0
  #now = 1_700_000_000_000

  constructor(place: FaultyPlace) {
    this.#place = place
  }

  readonly open = Effect.suspend(() =>
    Effect.gen(this, function* () {
      this.#scope = yield* Scope.make()
      this.#services = yield* Layer.buildWithScope(this.#place.open(), this.#scope)
    }),
  )

  readonly close = Effect.suspend(() => (this.#scope === null ? Effect.void : Scope.close(this.#scope, Exit.void)))

  readonly reopen = Effect.suspend(() => Effect.zipRight(this.close, this.open))

  #get<I extends OpenLog, S>(tag: Context.Tag<I, S>): S {
    return Context.unsafeGet(this.#services as Context.Context<OpenLog>, tag as never)
  }

  #events(count: number, actions: boolean): ReadonlyArray<KnownEvent> {
    return Array.from({ length: count }, () => {
      this.#next += 1
      return actions ? action(this.#next) : collective(this.#next)
    })
  }

  /** Whatever the log says it appended is held from here on. */
  #hold(events: ReadonlyArray<KnownEvent>, first: number): void {
    for (const [index, event] of events.entries()) {
      this.#held.push({ position: first + index, at: this.#now * 1000, event })
    }
    this.#held.sort((one, other) => one.position - other.position)
  }

  take(step: Step): Effect.Effect<unknown, unknown> {
    switch (step._tag) {
      case "append":
        return this.#append(this.#events(step.count, step.actions), step.command)
      case "together":
        return this.#together(step.counts)
      case "observe":
        return this.#observe(this.#events(step.count, false))
      case "wait":
        this.#now += step.millis
        return TestClock.setTime(this.#now)
      case "reopen":
        return this.reopen
      case "crash": {
        const before = this.#place
        this.#place = before.crashed()
        return Effect.zipRight(this.close, this.open)
      }
      case "fault":
        return this.#fault(step.written)
      case "retain":
        return this.#retain((this.#now - step.agoMillis) * 1000)
      case "read":
        return this.#read(step.from, step.from + step.length)
      case "at":
        return this.#at((this.#now - step.agoMillis) * 1000)
      case "checkpoint":
        return this.#get(Checkpoints).save("model", 1, Position(Math.max(1, this.#head)), Uint8Array.of(1, 2, 3))
    }
  }

  get #head(): number {
    return this.#held.at(-1)?.position ?? 0
  }

  #append(events: ReadonlyArray<KnownEvent>, command: number | null) {
    const before = command === null ? undefined : this.#commands.get(command)
    return Effect.map(this.#get(EventLog).append(this.#batch(events, command)), (answer) => {
      same(answer.repeated, before !== undefined, "repeated")
      if (before !== undefined) return same([answer.first, answer.last], [before.first, before.last], "receipt")
      same(answer.first, this.#head + 1, "first position")
      if (command !== null) this.#commands.set(command, answer)
      return this.#hold(events, answer.first)
    })
  }

  #batch(events: ReadonlyArray<KnownEvent>, command: number | null): Batch {
    return batch(events, command === null ? null : `command-${command}`)
  }

  #together(counts: ReadonlyArray<number>) {
    const offers = counts.map((count, index) => this.#events(count, index % 2 === 0))
    const log = this.#get(EventLog)
    return Effect.map(
      Effect.forEach(offers, (events) => log.append(batch(events)), { concurrency: "unbounded" }),
      (answers) => answers.forEach(({ first }, index) => this.#hold(offers[index] ?? [], first)),
    )
  }

  #observe(events: ReadonlyArray<KnownEvent>) {
    const log = this.#get(EventLog)
    return Effect.gen(this, function* () {
      yield* log.observe(batch(events))
      const [marker] = this.#events(1, true)
      const answer = yield* log.append(batch([marker as KnownEvent]))
      this.#hold([marker as KnownEvent], answer.first)
      this.#hold(events, answer.last + 1)
    })
  }

  /** The outcome is unknown, but it is one of two; the command's retry tells which and never appends twice. */
  #fault(written: boolean) {
    const log = this.#get(EventLog)
    return Effect.gen(this, function* () {
      const command = 1000 + this.#next
      const events = this.#events(2, true)
      this.#place.failNext(written)
      const outcome = yield* Effect.flip(log.append(this.#batch(events, command)))
      same(outcome._tag, "OutcomeUnknown", "outcome")
      yield* until(Effect.map(log.info, ({ unavailable }) => unavailable === null))
      const answer = yield* log.append(this.#batch(events, command))
      same([answer.repeated, answer.first], [written, this.#head + 1], "retry after an unknown outcome")
      this.#hold(events, answer.first)
    })
  }

  #retain(beforeMicros: number) {
    return Effect.map(
      this.#get(LogUpkeep).retain({ beforeMicros, maxBytes: Number.MAX_SAFE_INTEGER }),
      ({ rawFrom, events }) => {
        this.#agedTo = Math.max(this.#agedTo, rawFrom - 1)
        const left = this.#held.filter(
          ({ position, event }) => position > this.#agedTo || event._tag === "RefusalsCounted",
        )
        same(this.#held.length - left.length, events, "events that aged")
        this.#held = left
      },
    )
  }

  #read(from: number, to: number) {
    return Effect.map(all(this.#get(EventLog).read({ from: Position(from), to: Position(to) })), (read) =>
      same(
        read.map(toHeld),
        this.#held.filter(({ position }) => position >= from && position <= to),
        "a range",
      ),
    )
  }

  /** Exact wherever the events are still there; where telemetry has aged it is within the thinned index. */
  #at(micros: number) {
    return Effect.map(this.#get(EventLog).positionAt(micros), (position) => {
      const expected = this.#held.findLast(({ at }) => at <= micros)?.position ?? 0
      if (this.#agedTo === 0) same(position, expected, "position at a time")
      else if (position < expected) throw new Error(`position at a time: ${position} lies before ${expected}`)
    })
  }

  readonly check = Effect.suspend(() =>
    Effect.gen(this, function* () {
      const log = this.#get(EventLog)
      same((yield* all(log.read({}))).map(toHeld), this.#held, "the whole log")
      const { damage } = yield* this.#get(LogUpkeep).verify
      same(damage, [], "damage")
    }),
  )
}

const toHeld = ({ position, at, event }: Envelope): Held => ({ position, at, event: event as KnownEvent })

const all = <E>(stream: Stream.Stream<ReadonlyArray<Envelope>, E>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Chunk.toReadonlyArray(chunks).flat())

/** Polls with a turn of the event loop in between, a bounded number of times. */
const until = (holds: Effect.Effect<boolean>): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let left = 2000; left > 0; left--) {
      if (yield* holds) return
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
    throw new Error("the log did not come back")
  })

const same = (found: unknown, expected: unknown, what: string): void => {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)]
  if (one !== other) throw new Error(`${what}: found ${one}, expected ${other}`)
}
