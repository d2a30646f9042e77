// What the agent itself uses, told every ten seconds like any other sample.

import { Effect, Layer, Schedule } from "effect"
import { Commands } from "../commands/Commands.ts"

const everySeconds = 10
/** What the start takes is no measure of what comes. */
const firstMillis = 1000

export const layer: Layer.Layer<never, never, Commands> = Layer.scopedDiscard(
  Effect.gen(function* () {
    const commands = yield* Commands
    const look = Effect.suspend(() => {
      const { user, system } = process.cpuUsage()
      const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
      return commands.observe(
        [
          {
            _tag: "AgentSampled",
            userMicros: user,
            systemMicros: system,
            residentBytes: rss,
            heapTotalBytes: heapTotal,
            heapUsedBytes: heapUsed,
            externalBytes: external,
          },
        ],
        { actor: "agent" },
      )
    })
    const looks = Effect.repeat(look, Schedule.spaced(`${everySeconds} seconds`))
    yield* Effect.forkScoped(Effect.delay(looks, firstMillis))
  }),
)
