// Stored blocks that are not what was written, found while the log is in use.

import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Layer, Option, Stream } from "effect"
import * as DecidedCommands from "../../src/commands/DecidedCommands.ts"
import { Secrets } from "../../src/commands/Secrets.ts"
import { Position } from "../../src/domain/Brands.ts"
import * as Alerts from "../../src/domain/alerts/Alerts.ts"
import { encodeBlock } from "../../src/log/block/BlockCodec.ts"
import { isProblem, open } from "../../src/log/block/BlockHeader.ts"
import { EventLog } from "../../src/log/EventLog.ts"
import { LogUpkeep } from "../../src/log/LogUpkeep.ts"
import * as MemoryEventLog from "../../src/log/memory/MemoryEventLog.ts"
import * as MemoryStore from "../../src/log/memory/MemoryStore.ts"
import type { Entry } from "../../src/log/store/BlockStore.ts"
import { blockKey } from "../../src/log/store/keys.ts"
import * as Scrubbing from "../../src/reactors/Scrubbing.ts"
import { action, actions, batch, collectives } from "./given.ts"

const secrets = Layer.succeed(Secrets, {
  keep: () => Effect.void,
  of: () => Effect.succeed(null),
  forget: () => Effect.void,
})

/** Opening proves the end of the log only. */
const opened = (medium: MemoryStore.Medium) => MemoryEventLog.layer({ medium, limits: { tailBytes: 1 } })

/** Twenty rounds of two actions and eight collectives, a block each: positions 1–2, 3–10, 11–12 … */
const written = Effect.gen(function* () {
  const medium = MemoryStore.medium()
  yield* Effect.gen(function* () {
    const log = yield* EventLog
    for (let round = 0; round < 20; round++) {
      yield* log.append(batch(actions(round, 2)))
      yield* log.append(batch(collectives(round * 8, 8)))
    }
  }).pipe(Effect.provide(opened(medium)))
  return medium
})

const changed = (
  medium: MemoryStore.Medium,
  key: Uint8Array,
  change: (bytes: Uint8Array) => Uint8Array | null,
): void => {
  medium.entries = medium.entries.flatMap((entry): ReadonlyArray<Entry> => {
    if (Buffer.compare(entry[0], key) !== 0) return [entry]
    const bytes = change(Uint8Array.from(entry[1]))
    return bytes === null ? [] : [[key, bytes]]
  })
}

const flipped = (bytes: Uint8Array): Uint8Array => {
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 4
  return bytes
}

/** Whole by its own checksum, and not what was written. */
const forged = (bytes: Uint8Array): Uint8Array => {
  const header = open(bytes)
  if (isProblem(header)) throw new Error(header.problem)
  const head = { count: 2, at: header.minAt, mono: 1, actor: "somebody", command: null }
  return encodeBlock(header, [{ head, events: [action(666), action(667)] }])
}

const pass = Effect.gen(function* () {
  const upkeep = yield* LogUpkeep
  const steps = Chunk.toReadonlyArray(yield* Stream.runCollect(upkeep.scrub))
  return {
    through: steps.at(-1)?.through,
    damage: steps.flatMap(({ damage }) => (damage === null ? [] : [damage])),
  }
})

describe("a pass over the stored blocks of a log in use", () => {
  it.scoped("finds nothing wrong with a log that is whole, aged or not", () =>
    Effect.gen(function* () {
      const medium = yield* written
      yield* Effect.gen(function* () {
        expect(yield* pass).toEqual({ through: 200, damage: [] })
        const upkeep = yield* LogUpkeep
        yield* upkeep.retain({ beforeMicros: 0, maxBytes: 600 })
        expect(yield* pass).toEqual({ through: 200, damage: [] })
      }).pipe(Effect.provide(opened(medium)))
    }),
  )

  it.scoped("names the range of what is broken, missing or forged, each by itself, and goes on behind it", () =>
    Effect.gen(function* () {
      const medium = yield* written
      changed(medium, blockKey("action", 1), flipped)
      changed(medium, blockKey("telemetry", 13), flipped)
      changed(medium, blockKey("action", 41), () => null)
      changed(medium, blockKey("telemetry", 33), () => null)
      changed(medium, blockKey("action", 51), forged)
      const { damage, through } = yield* Effect.provide(pass, opened(medium))
      expect(through).toBe(200)
      expect(damage).toEqual([
        { from: 1, to: 2, reason: "a block's checksum does not fit" },
        { from: 13, to: 20, reason: "a block's checksum does not fit" },
        { from: 33, to: 42, reason: "events are missing" },
        { from: 61, to: 62, reason: "the chain of blocks is broken here" },
      ])
    }),
  )
})

describe("an agent over a damaged log", () => {
  it.scopedLive("says once in an event what is damaged, and is degraded by it", () =>
    Effect.gen(function* () {
      const medium = yield* written
      changed(medium, blockKey("telemetry", 13), flipped)
      const scrubbing = Scrubbing.layer({ pauseMillis: 0, restMillis: 1, firstMillis: 0 })
      const agent = scrubbing.pipe(
        Layer.provideMerge(DecidedCommands.layer.pipe(Layer.provide(secrets))),
        Layer.provideMerge(opened(medium)),
      )
      yield* Effect.gen(function* () {
        const log = yield* EventLog
        const said = Stream.flattenIterables(log.follow(Position(201)))
        const found = Option.getOrThrow(yield* Stream.runHead(said))
        const reason = "a block's checksum does not fit"
        expect(found.event).toEqual({ _tag: "LogDamageFound", from: 13, to: 20, reason })
        const { faults } = Alerts.evolve(Alerts.initial(), found)
        expect(Array.from(faults.values(), ({ sentence }) => sentence)).toEqual([
          `the log is damaged from position 13 to 20: ${reason}; 'annalist verify --repair-copy NEW_DIR' saves what is whole`,
        ])
        // Several passes later it is still said once.
        const upkeep = yield* LogUpkeep
        yield* Effect.repeatN(Stream.runDrain(upkeep.scrub), 20)
        expect((yield* log.info).head).toBe(201)
      }).pipe(Effect.provide(agent))
    }),
  )
})
