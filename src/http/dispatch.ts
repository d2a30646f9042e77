// From a request at the door to the bytes of its answer: the same for a socket, an opened file and a function.

import { Cause, Effect } from "effect"
import { AskedRequest } from "./AskedRequest.ts"
import { jsonBody } from "./door/bodies.ts"
import type { Door } from "./door/Door.ts"
import type { IncomingRequest, Reply } from "./IncomingRequest.ts"
import { positionHeader, viewAsked } from "./moments.ts"
import { Problem } from "./Problem.ts"
import { answerOf, badRequest, shapeOfPath } from "./problems.ts"
import { replyOf } from "./replies.ts"
import { allows } from "./Role.ts"
import { unknownParameter } from "./unknownParameter.ts"
import type { Answer, ErrorShape, Route, RouteCaller, RouteNeeds } from "./Route.ts"
import type { Found, RouteTable } from "./RouteTable.ts"

export type Dispatch = (request: IncomingRequest) => Effect.Effect<Reply, never, RouteNeeds>

interface Place {
  readonly path: string
  readonly search: string
  readonly params: Readonly<Record<string, string>>
}

export const make = (table: RouteTable, door: Door): Dispatch => {
  const refuse = (request: IncomingRequest, problem: Problem, shape: ErrorShape, actor: string | null): Reply => {
    if (isRefusal(problem)) door.refused(request, actor ?? `peer:${request.peer.remote.address}`, problem)
    return replyOf(request, answerOf(problem, shape), null)
  }

  const admit = (request: IncomingRequest, route: Route, place: Place, caller: RouteCaller) => {
    if (!allows(caller.role, route.role)) {
      return Effect.succeed(refuse(request, notAllowed(route, caller), route.errors, caller.actor))
    }
    const body = Effect.tapError(jsonBody(request), (problem) =>
      // A body that cannot be read is as much a refusal of a dangerous act as one that makes no sense.
      Effect.sync(() => {
        if (!allows("viewer", route.role)) door.refused(request, caller.actor, problem)
      }),
    )
    return answered(request, route, place, caller, body).pipe(
      Effect.catchAll((problem) => Effect.succeed(answerOf(problem, route.errors))),
      Effect.map((answer) => replyOf(request, answer, door.crossOrigin(request))),
      Effect.catchAllCause((cause) => broken(request, route, cause)),
    )
  }

  const identify = (request: IncomingRequest, route: Route, place: Place) => {
    const caller = door.callerOf(request)
    if (!Effect.isEffect(caller)) return admit(request, route, place, caller)
    return Effect.matchEffect(caller, {
      onFailure: (problem) => Effect.succeed(refuse(request, problem, route.errors, null)),
      onSuccess: (known) => admit(request, route, place, known),
    })
  }

  return (request) => {
    const question = request.target.indexOf("?")
    const path = question === -1 ? request.target : request.target.slice(0, question)
    const fault = targetFault(request.target) ?? door.entrance(request)
    if (fault !== null) return Effect.succeed(refuse(request, fault, shapeOfPath(path), null))
    const found = table.find(request.method, path)
    if (found._tag !== "Route")
      return Effect.succeed(replyOf(request, unrouted(request, path, found), crossOriginOf(door, request)))
    const search = question === -1 ? "" : request.target.slice(question + 1)
    return identify(request, found.route, { path, search, params: found.params })
  }
}

const answered = (
  request: IncomingRequest,
  route: Route,
  place: Place,
  caller: RouteCaller,
  body: Effect.Effect<unknown, Problem>,
): Effect.Effect<Answer, Problem, RouteNeeds> => {
  const unknown = place.search === "" ? null : unknownParameter(route, place.search)
  if (unknown !== null) return Effect.fail(unknown)
  if (route._tag === "Query") {
    const asked = new AskedRequest(request, place, caller, undefined)
    return Effect.flatMap(viewAsked(asked), (view) => {
      const answer = route.answer(asked, view)
      return answer instanceof Problem
        ? Effect.fail(answer)
        : Effect.succeed({ ...answer, headers: { ...answer.headers, [positionHeader]: String(view.position) } })
    })
  }
  if (route._tag === "Socket") {
    const asked = new AskedRequest(request, place, caller, undefined)
    return Effect.flatMap(viewAsked(asked), (view) =>
      Effect.fail(route.admit(asked, view) ?? upgradeRequired(place.path)),
    )
  }
  if (route.rawBody === true || request.method === "GET" || request.method === "HEAD") {
    return route.answer(new AskedRequest(request, place, caller, undefined))
  }
  return Effect.flatMap(body, (read) => route.answer(new AskedRequest(request, place, caller, read)))
}

const upgradeRequired = (path: string): Problem =>
  new Problem({
    status: 426,
    kind: "upgrade-required",
    detail: `${path} is a WebSocket; ask with Connection: Upgrade and Upgrade: websocket`,
    headers: { upgrade: "websocket" },
  })

const targetFault = (target: string): Problem | null =>
  target.startsWith("/") || target === "*"
    ? null
    : badRequest("the request's target must be a path that begins with /, such as /status")

const crossOriginOf = (door: Door, request: IncomingRequest) => door.crossOrigin(request)

const isRefusal = (problem: Problem): boolean => problem.status === 401 || problem.status === 403

const notAllowed = (route: Route, caller: RouteCaller): Problem =>
  caller.role === "anyone"
    ? new Problem({
        status: 401,
        kind: "token-missing",
        detail: `${route.method} ${route.path} needs the role ${route.role}; send Authorization: Bearer <token> of ANNALIST_TOKEN_FILE`,
        headers: { "www-authenticate": 'Bearer realm="annalist"' },
      })
    : new Problem({
        status: 403,
        kind: "role-missing",
        detail:
          `${route.method} ${route.path} needs the role ${route.role}, and ${caller.actor} comes in as ${caller.role}; ` +
          "on loopback the agent's own user and root are admin, others need a token of ANNALIST_TOKEN_FILE",
      })

/** No such path, no such method there, or a browser that asks beforehand what it may. */
const unrouted = (request: IncomingRequest, path: string, found: Exclude<Found, { _tag: "Route" }>): Answer => {
  if (found._tag === "Nowhere") {
    if (request.method === "OPTIONS" && path === "*") return { status: 204 }
    const detail = `nothing answers at ${path.slice(0, 200)}; /docs lists what does`
    return answerOf(new Problem({ status: 404, kind: "not-found", detail }), shapeOfPath(path))
  }
  const allow = found.allow.join(", ")
  if (request.method === "OPTIONS") return { status: 204, headers: { allow, ...preflight(request, allow) } }
  const detail = `${path} takes ${allow}, not ${request.method.slice(0, 40)}`
  return answerOf(
    new Problem({ status: 405, kind: "method-not-allowed", detail, headers: { allow } }),
    found.route.errors,
  )
}

/** Only an origin that the door let through gets this far. */
const preflight = (request: IncomingRequest, allow: string): Readonly<Record<string, string>> =>
  request.headers["origin"] === undefined || request.headers["access-control-request-method"] === undefined
    ? {}
    : {
        "access-control-allow-methods": allow,
        "access-control-allow-headers": "authorization, content-type, last-event-id",
        "access-control-max-age": "600",
      }

/** A defect is ours: it is logged whole, and the caller learns only that it was not his fault. */
const broken = (request: IncomingRequest, route: Route, cause: Cause.Cause<never>) =>
  Cause.isInterruptedOnly(cause)
    ? Effect.failCause(cause)
    : Effect.as(
        Effect.logError(`${route.method} ${route.path} broke`, cause),
        replyOf(
          request,
          answerOf(
            new Problem({
              status: 500,
              kind: "defect",
              detail: "the agent made a mistake; its log on stderr has the details",
            }),
            route.errors,
          ),
          null,
        ),
      )
