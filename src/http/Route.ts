// One row of the table of everything that can be asked: method, path, role, and the pure function that answers.

import type { Effect, Schema, Stream } from "effect"
import type { Commands } from "../commands/Commands.ts"
import type { Event } from "../domain/Event.ts"
import type { LogReader } from "../projections/LogReader.ts"
import type { View, Views } from "../projections/Views.ts"
import type { Parameter } from "./parametersOf.ts"
import type { Role } from "./Role.ts"
import type { Problem } from "./Problem.ts"

/** Who asks, as far as the door could tell. */
export interface RouteCaller {
  /** As it goes into the log: "uid:1000", "token:operator", "peer:10.0.0.7" … */
  readonly actor: string
  readonly role: Role
  /** The peer's address without its port. */
  readonly peer: string
  /** The local process that owns the other end of the connection; looked for when first asked, once a connection. */
  readonly peerPid: Effect.Effect<number | null>
}

/** What a handler is told of a request. Nothing of sockets, so that the same handler answers behind a server, a file or a function. */
export interface RouteRequest {
  readonly method: string
  readonly path: string
  /** The values of `:name` parts of the path, percent-decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Parsed JSON body, already held against the door's rules; undefined when there was none. */
  readonly body: unknown
  /** The whole body as it came, for routes with `rawBody` (streams, NDJSON). */
  readonly raw: Stream.Stream<Uint8Array, Problem>
  /** The same in one piece, for routes with `rawBody` that want it at once; more than `limit` bytes are a Problem. */
  readonly bytes: (limit: number) => Effect.Effect<Uint8Array, Problem>
  readonly caller: RouteCaller
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: unknown
  readonly text?: string
  readonly bytes?: Uint8Array
  readonly stream?: Stream.Stream<Uint8Array, unknown>
}

export type RouteNeeds = Views | Commands | LogReader

/** Which of the systems' error shapes a route answers with. */
export type ErrorShape = "error" | "detail" | "problem"

interface Common {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  /** "/v1/processes/:id" */
  readonly path: string
  readonly role: Role
  readonly errors: ErrorShape
  readonly summary: string
  readonly tag: string
  readonly requestBody?: Schema.Schema.AnyNoContext
  readonly response?: Schema.Schema.AnyNoContext
  readonly parameters?: ReadonlyArray<Parameter>
  /** The door leaves the body alone; the handler reads `raw` under its own bounds. */
  readonly rawBody?: boolean
}

/** A question about state: a pure function of the request and a view; `?at=` has chosen the view. */
export interface QueryRoute extends Common {
  readonly _tag: "Query"
  readonly method: "GET"
  readonly answer: (request: RouteRequest, view: View) => Answer | Problem
}

/** What a route that takes telemetry can do without a fiber, for a body that is as nearly all are. */
export interface ShortWay {
  /** The one event that such a JSON body says; null where the route itself has to judge it. */
  readonly eventIn: (body: Uint8Array, caller: RouteCaller) => Event | null
  /** Once the event is durable. */
  readonly taken: Answer
}

/** A command, a stream, or a question about the agent itself (no `?at=`). */
export interface EffectRoute extends Common {
  readonly _tag: "Effect"
  readonly shortWay?: ShortWay
  readonly answer: (request: RouteRequest) => Effect.Effect<Answer, Problem, RouteNeeds>
}

/** What a client says and is told on a WebSocket: JSON objects. */
export type Words = Readonly<Record<string, unknown>>

/** One open WebSocket, as its route sees it. */
export interface Conversation {
  /** In order. What is no JSON object never gets here: the client is told so. */
  readonly said: Stream.Stream<Words>
  /** Waits while the client's queue is full. */
  readonly tell: (words: Words) => Effect.Effect<void>
  /** The jobs that it is about now, for whoever asks how the sockets stand. */
  readonly about: (jobs: ReadonlySet<string>) => void
}

/** A WebSocket: admitted as a question is, then a conversation for as long as the connection lasts. */
export interface SocketRoute extends Common {
  readonly _tag: "Socket"
  readonly method: "GET"
  /** Turns away before the upgrade; null lets in. */
  readonly admit: (request: RouteRequest, view: View) => Problem | null
  readonly converse: (request: RouteRequest, conversation: Conversation) => Effect.Effect<void, never, RouteNeeds>
}

export type Route = QueryRoute | EffectRoute | SocketRoute
