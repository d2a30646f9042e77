// Commands where there is nothing to command: an opened session. Each is refused, and the reason says what would take it.

import { Effect, Layer } from "effect"
import { Commands, ReadOnly } from "./Commands.ts"

export const layer = (reason: string): Layer.Layer<Commands> =>
  Layer.succeed(Commands, {
    submit: () => Effect.fail(new ReadOnly({ reason })),
    record: () => Effect.fail(new ReadOnly({ reason })),
    observe: () => Effect.void,
  })
