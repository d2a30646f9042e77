// What a view is given: what the page knows, and the few wishes that a view may have.

import type { Agent, Outcome } from "./answers.ts"
import type { Choose } from "./Choose.ts"
import type { PageState } from "./PageState.ts"
import type { Place } from "./Place.ts"

export interface Desk {
  readonly page: PageState
  readonly choose: Choose
  readonly go: (place: Place) => void
  /** For what a view reads piece by piece: events, output. */
  readonly agent: Agent
  /** A command; whatever it changed is asked for anew. */
  readonly act: (method: "POST" | "PUT" | "DELETE", url: string, body?: unknown) => Promise<Outcome<unknown>>
}
