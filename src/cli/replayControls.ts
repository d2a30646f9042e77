// A replay from the terminal: one line that tells how far it is, and keys that hold, step, move and hurry it.

import { Effect, Stream } from "effect"
import { Position } from "../domain/Brands.ts"
import type { ReadFailed } from "../projections/LogReader.ts"
import type { Replay } from "../session/replay/openReplay.ts"
import type { PlaybackState, Speed } from "../session/replay/Playback.ts"
import type { Terminal } from "./Terminal.ts"

const redrawMillis = 200

/** Nothing where nobody looks. */
export const replayControls = (replay: Replay, terminal: Terminal) =>
  terminal.errIsTerminal && terminal.keys !== null
    ? Effect.gen(function* () {
        terminal.err("space holds · → one event · ← back by a tenth · + faster · - slower · m max · ^C ends\n")
        const draw = Effect.map(replay.playback.state, (state) =>
          terminal.err(`\r${statusLine(replay, state).slice(0, terminal.columns - 1)}\u001b[K`),
        )
        yield* Effect.forkScoped(Effect.forever(Effect.zipRight(draw, Effect.sleep(redrawMillis))))
        yield* Effect.addFinalizer(() => Effect.sync(() => terminal.err("\n")))
        yield* keysOf(terminal).pipe(
          Stream.runForEach((key) => Effect.zipRight(press(replay, key), draw)),
          Effect.catchAll(({ reason }) => Effect.logError(`the keys do nothing any more: ${reason}`)),
          Effect.forkScoped,
        )
      })
    : Effect.void

const statusLine = ({ first, last }: Replay, { state, speed, position }: PlaybackState): string => {
  const share = last > first ? Math.max(0, position - first) / (last - first) : 1
  return `${state} ${speed === "max" ? "at max" : `×${speed}`}  position ${position} of ${last}  ${Math.floor(share * 100)} %`
}

const speeds: ReadonlyArray<Speed> = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 100, 1000, "max"]

/** What a key does; a key that means nothing does nothing. */
const press = (replay: Replay, key: string): Effect.Effect<void, ReadFailed> =>
  Effect.gen(function* () {
    const { playback, first, last } = replay
    const { state, speed, position } = yield* playback.state
    const faster = (by: number): Speed => {
      const nearest = speeds.findIndex((one) => one === "max" || (speed !== "max" && one >= speed))
      return speeds[Math.min(speeds.length - 1, Math.max(0, nearest + by))] ?? 1
    }
    switch (key) {
      case " ":
        return yield* state === "paused" ? playback.resume : playback.pause
      case "right":
        return yield* playback.step(1)
      case "left":
        return yield* playback.seek(Position(Math.max(first, position - Math.ceil((last - first) / 10))))
      case "+":
        return yield* playback.setSpeed(faster(1))
      case "-":
        return yield* playback.setSpeed(faster(-1))
      case "m":
        return yield* playback.setSpeed("max")
      default:
        return
    }
  })

const keysOf = ({ keys }: Terminal): Stream.Stream<string> =>
  Stream.async((emit) => {
    const stop = keys?.((key) => void emit.single(key))
    return Effect.sync(() => stop?.())
  })
