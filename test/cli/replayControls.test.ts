// A replay held, stepped and moved by keys.

import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { replayControls } from "../../src/cli/replayControls.ts"
import { Position } from "../../src/domain/Brands.ts"
import { openReplay } from "../../src/session/replay/openReplay.ts"
import type { PlaybackState } from "../../src/session/replay/Playback.ts"
import { memoryTerminal } from "./given.ts"

describe("the keys of a replay", () => {
  it("hold it, step it, move it and change its pace", async () => {
    const keyboard: { press: ((key: string) => void) | null } = { press: null }
    const seen = memoryTerminal({
      errIsTerminal: true,
      keys: (pressed) => {
        keyboard.press = pressed
        return () => undefined
      },
    })
    await Effect.gen(function* () {
      const path = fileURLToPath(new URL("../../fixtures/sessions/four-ranks-hang.ndjson", import.meta.url))
      const replay = yield* openReplay(path, { speed: 1, paused: true })
      yield* replayControls(replay, seen.terminal)
      yield* Effect.repeat(Effect.sleep(1), { until: () => keyboard.press !== null })
      const shows = (wanted: Partial<PlaybackState>) =>
        Effect.repeat(Effect.zipRight(Effect.sleep(1), replay.playback.state), {
          until: (state) =>
            Object.entries(wanted).every(([name, value]) => state[name as keyof PlaybackState] === value),
        })
      const steps: ReadonlyArray<readonly [key: string, shown: Partial<PlaybackState>]> = [
        ["right", { position: Position(1), state: "paused" }],
        ["right", { position: Position(2) }],
        ["x", { position: Position(2) }],
        ["left", { position: Position(1) }],
        ["+", { speed: 2 }],
        ["-", { speed: 1 }],
        ["-", { speed: 0.5 }],
        ["m", { speed: "max" }],
        [" ", { state: "ended", position: Position(617) }],
      ]
      for (const [key, shown] of steps) {
        keyboard.press?.(key)
        yield* shows(shown)
      }
    }).pipe(Effect.scoped, Effect.runPromise)
    expect(seen.err()).toContain("paused ×0.5  position 1 of 617  0 %")
  })
})
