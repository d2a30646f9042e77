// Kept states in memory, for recorded sessions: a bounded number, spaced wider as the recording is longer.

import { Effect } from "effect"
import { type Snapshots, spacing } from "./Snapshots.ts"
import * as States from "./States.ts"

const maxCopies = 32

export const make = (): Snapshots => {
  let copies: ReadonlyArray<States.States> = []
  let gap = spacing
  return {
    due: (states) => states.position - (copies.at(-1)?.position ?? 0) >= gap,
    keep: (states) =>
      Effect.sync(() => {
        copies = [...copies, States.copy(states)]
        if (copies.length <= maxCopies) return
        gap *= 2
        copies = copies.filter((_, index) => index % 2 === 1)
      }),
    nearest: (position) =>
      Effect.sync(() => {
        const found = copies.findLast((one) => one.position <= position)
        return found === undefined ? null : States.copy(found)
      }),
  }
}
