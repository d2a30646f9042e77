// A request as it stands at the door, from whatever face it came: a socket, an opened file's server, a function call.

import type { Effect, Stream } from "effect"
import type { Peer } from "./Peer.ts"
import type { Problem } from "./Problem.ts"

export interface IncomingBody {
  /** False when the head already said that nothing follows. */
  readonly present: boolean
  /** All of it; more than `limit` bytes, a broken or a stalled sender are a Problem. Taken once. */
  readonly bytes: (limit: number) => Effect.Effect<Uint8Array, Problem>
  /** The same without a fiber, by faces that are asked thousands of times a second. */
  readonly whole?: (limit: number, done: (outcome: Uint8Array | Problem) => void) => void
  /** Piece by piece, as fast as it is taken. */
  readonly stream: () => Stream.Stream<Uint8Array, Problem>
}

export interface IncomingRequest {
  readonly method: string
  /** Path and query as they came, not decoded. */
  readonly target: string
  /** `:authority`, else `Host`. */
  readonly authority: string | undefined
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly peer: Peer
  readonly body: IncomingBody
}

/** The answer, ready to be written: every face sends these very bytes. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array | null
  /** Set when the length is not known beforehand. */
  readonly stream: Stream.Stream<Uint8Array, unknown> | null
}
