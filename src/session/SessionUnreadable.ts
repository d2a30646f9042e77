// Why a path cannot be opened as a session: one sentence that begins with the path.

import { Data } from "effect"

export class SessionUnreadable extends Data.TaggedError("SessionUnreadable")<{
  readonly path: string
  /** "newer": of a later format · "foreign": no session at all · "damaged": not what was written · "io": the system refused. */
  readonly cause: "newer" | "foreign" | "damaged" | "io"
  readonly reason: string
}> {
  override get message(): string {
    return `${this.path} ${this.reason}`
  }
}
