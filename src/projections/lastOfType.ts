// Where the last event of each type lies: whoever follows knows from it which of his answers have grown old.

import type { EventTag } from "../domain/Event.ts"
import type { Projection } from "./Projection.ts"

/** Positions by type; what this build does not know is gathered under "Unknown". */
export type LastOfType = { [Tag in EventTag | "Unknown"]?: number }

export const lastOfType: Projection<LastOfType> = {
  name: "last-of-type",
  version: 1,
  initial: () => ({}),
  evolve: (last, { event, position }) => {
    last[event._tag] = position
    return last
  },
  copy: (last) => ({ ...last }),
}
