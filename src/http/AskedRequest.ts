// What a handler is told, made lazily from the request at the door: most handlers look at little of it.

import type { Effect, Stream } from "effect"
import type { IncomingRequest } from "./IncomingRequest.ts"
import type { Problem } from "./Problem.ts"
import type { RouteCaller, RouteRequest } from "./Route.ts"

export class AskedRequest implements RouteRequest {
  private readonly incoming: IncomingRequest
  private readonly search: string
  private parsedQuery: URLSearchParams | null = null
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly body: unknown
  readonly caller: RouteCaller

  constructor(
    incoming: IncomingRequest,
    place: { readonly path: string; readonly search: string; readonly params: Readonly<Record<string, string>> },
    caller: RouteCaller,
    body: unknown,
  ) {
    this.incoming = incoming
    this.path = place.path
    this.search = place.search
    this.params = place.params
    this.caller = caller
    this.body = body
  }

  get method(): string {
    return this.incoming.method
  }

  get headers(): Readonly<Record<string, string | undefined>> {
    return this.incoming.headers
  }

  get query(): URLSearchParams {
    this.parsedQuery ??= new URLSearchParams(this.search)
    return this.parsedQuery
  }

  get raw(): Stream.Stream<Uint8Array, Problem> {
    return this.incoming.body.stream()
  }

  bytes(limit: number): Effect.Effect<Uint8Array, Problem> {
    return this.incoming.body.bytes(limit)
  }
}
