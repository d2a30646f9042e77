// What a program that serves says of itself: it goes on whether or not somebody listens.

import { Effect } from "effect"
import type { Terminal } from "./Terminal.ts"

export const say = (terminal: Terminal, text: string): Effect.Effect<void> =>
  Effect.ignore(Effect.tryPromise(() => terminal.out(text)))
