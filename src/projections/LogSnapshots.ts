// Kept states beside the log: checkpoints that survive the agent, valid for exactly the projections that made them.

import { deserialize, serialize } from "node:v8"
import { crc32 } from "node:zlib"
import { Effect, Either } from "effect"
import { Position } from "../domain/Brands.ts"
import { Checkpoints } from "../log/Checkpoints.ts"
import { type Snapshots, spacing } from "./Snapshots.ts"
import * as States from "./States.ts"

const name = "views"
/** A year of actions at a steady trickle; older moments fold from further back. */
const kept = 500
/** Looking for what is beyond them reads all that are kept. */
const prunedEvery = 50
/** Large states are kept less often: their copies take no more room than the events between them. */
const bytesPerEvent = 16

/** The engine's own form: maps, sets and shared references come back as they were, in a tenth of the time of any other. */
const form = "v8"

interface Packed {
  readonly at: number
  readonly states: Readonly<Record<string, unknown>>
}

export const make = (projections: ReadonlyArray<States.AnyProjection>): Effect.Effect<Snapshots, never, Checkpoints> =>
  Effect.map(Checkpoints, (checkpoints) => {
    const version = versionOf(projections)
    let last = 0
    let saved = 0
    let distance = spacing
    const nearest = Effect.fn("Snapshots.nearest")(function* (position: Position) {
      const found = yield* checkpoints.nearest(name, version, position)
      if (found === null) return null
      const states = unpack(projections, found.position, found.bytes)
      if (Either.isLeft(states)) {
        yield* Effect.logWarning(`a checkpoint at ${found.position} is passed by: ${states.left}`)
        return null
      }
      last = Math.max(last, found.position)
      return states.right
    })
    const save = Effect.fn("Snapshots.keep")(function* (position: Position, bytes: Uint8Array) {
      yield* checkpoints.save(name, version, position, bytes)
      if (saved++ % prunedEvery === 0) yield* checkpoints.prune(name, version, kept)
    })
    return {
      due: (states) => states.position - last >= distance,
      keep: (states) =>
        Effect.suspend(() => {
          const bytes = pack(states)
          last = states.position
          distance = Math.max(spacing, Math.ceil(bytes.length / bytesPerEvent))
          return save(states.position, bytes)
        }).pipe(Effect.catchAll((error) => Effect.logDebug(`no checkpoint now: ${error.reason}`))),
      nearest: (position) =>
        nearest(position).pipe(
          Effect.catchAll((error) => Effect.logDebug(`no checkpoint to read: ${error.reason}`).pipe(Effect.as(null))),
        ),
    }
  })

const versionOf = (projections: ReadonlyArray<States.AnyProjection>): number =>
  crc32([form, ...projections.map((one) => `${one.name}@${one.version}`)].join(" "))

/** Up to here nothing has to be folded ever again; 0 while nothing was kept. */
export const newest = (projections: ReadonlyArray<States.AnyProjection>) =>
  Effect.gen(function* () {
    const checkpoints = yield* Checkpoints
    const found = yield* checkpoints.nearest(name, versionOf(projections), Position(Number.MAX_SAFE_INTEGER))
    return found?.position ?? Position(0)
  })

const pack = (states: States.States): Uint8Array => {
  const packed: Packed = {
    at: states.at,
    states: Object.fromEntries(Array.from(states.folds, ([fold, { state }]) => [fold, state])),
  }
  return serialize(packed)
}

/** Bytes that their checksum proved whole, and that may still be of a state that this build cannot read. */
const unpack = (
  projections: ReadonlyArray<States.AnyProjection>,
  position: Position,
  bytes: Uint8Array,
): Either.Either<States.States, string> =>
  Either.try({
    try: () => {
      const packed = deserialize(bytes) as Packed
      const states = States.make(projections)
      for (const [fold, value] of states.folds) {
        if (!(fold in packed.states)) throw new Error(`it has no ${fold}`)
        value.state = packed.states[fold]
      }
      states.position = Position(position)
      states.at = packed.at
      return states
    },
    catch: String,
  })
