// Looks on while the fold lets go of what is over: a timeline needs each operation, of which the fold keeps statistics only.

import type { Analysis } from "./analyse.ts"
import type { Column } from "./Column.ts"
import type { Communicator } from "./Communicator.ts"
import type { Operation } from "./Operation.ts"
import type { Seat } from "./Seat.ts"

export interface Watch {
  readonly column: (column: Column, analysis: Analysis) => void
  readonly transfers: (communicator: Communicator, seat: Seat, operations: ReadonlyArray<Operation>) => void
}
