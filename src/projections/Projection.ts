// A projection: a named, versioned fold from events to what is known.

import type { Envelope } from "../domain/Envelope.ts"
import type { Fold } from "./Fold.ts"

export type Projection<State> = Fold<State, Envelope>
