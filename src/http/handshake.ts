// Whether a WebSocket handshake is let in: by the same door, roles and rules as any question. What is not goes on as a plain
// request, and so to the refusal that says why.

import { Effect } from "effect"
import { AskedRequest } from "./AskedRequest.ts"
import type { Door } from "./door/Door.ts"
import type { IncomingRequest } from "./IncomingRequest.ts"
import { viewAsked } from "./moments.ts"
import { allows } from "./Role.ts"
import type { RouteNeeds, RouteRequest, SocketRoute } from "./Route.ts"
import type { RouteTable } from "./RouteTable.ts"

export interface Admitted {
  readonly route: SocketRoute
  readonly request: RouteRequest
}

/** Null at once where no WebSocket is; the inner null is a refusal. */
export type Handshake = (request: IncomingRequest) => Effect.Effect<Admitted | null, never, RouteNeeds> | null

export const make =
  (table: RouteTable, door: Door): Handshake =>
  (request) => {
    const question = request.target.indexOf("?")
    const path = question === -1 ? request.target : request.target.slice(0, question)
    const found = table.find("GET", path)
    if (found._tag !== "Route" || found.route._tag !== "Socket" || door.entrance(request) !== null) return null
    const { route, params } = found
    const search = question === -1 ? "" : request.target.slice(question + 1)
    const caller = door.callerOf(request)
    return Effect.gen(function* () {
      const known = Effect.isEffect(caller) ? yield* caller : caller
      if (!allows(known.role, route.role)) return null
      const asked = new AskedRequest(request, { path, search, params }, known, undefined)
      return route.admit(asked, yield* viewAsked(asked)) === null ? { route, request: asked } : null
    }).pipe(Effect.catchAll(() => Effect.succeed(null)))
  }
