// The same answers without a socket: a web-standard function, to be mounted wherever such functions are called.

import { Effect, Runtime, Stream } from "effect"
import * as Dispatch from "./dispatch.ts"
import { maxBodyBytes } from "./door/bodies.ts"
import * as Door from "./door/Door.ts"
import type { IncomingBody, IncomingRequest, Reply } from "./IncomingRequest.ts"
import * as Peer from "./Peer.ts"
import { Problem } from "./Problem.ts"
import { badRequest } from "./problems.ts"
import type { Role } from "./Role.ts"
import type { RouteNeeds } from "./Route.ts"
import type { RouteSettings } from "./RouteSettings.ts"
import { table } from "./table.ts"

export interface FetchHandlerSettings extends RouteSettings {
  /** As whom every caller comes in: whoever mounts the handler has the door. */
  readonly role?: Role
}

export type FetchHandler = (request: Request) => Promise<Response>

export const make = (runtime: Runtime.Runtime<RouteNeeds>, settings: FetchHandlerSettings): FetchHandler => {
  const dispatch = Dispatch.make(table(settings), Door.trusting(settings.role ?? "viewer"))
  const runPromise = Runtime.runPromise(runtime)
  return (request) => runPromise(Effect.map(dispatch(incoming(request)), (reply) => response(reply, runtime)))
}

const nobody = { address: "function", port: 0 }

const incoming = (request: Request): IncomingRequest => {
  const url = new URL(request.url)
  return {
    method: request.method,
    target: `${url.pathname}${url.search}`,
    authority: url.host,
    headers: Object.fromEntries(request.headers),
    peer: Peer.make(nobody, nobody, null),
    body: bodyOf(request),
  }
}

const bodyOf = (request: Request): IncomingBody => {
  const stream = () => {
    const { body } = request
    return body === null
      ? Stream.empty
      : Stream.fromReadableStream<Uint8Array, Problem>({ evaluate: () => body, onError: () => broken })
  }
  return {
    present: request.body !== null,
    stream,
    bytes: (limit) =>
      stream().pipe(
        Stream.runFoldEffect({ chunks: [] as ReadonlyArray<Uint8Array>, size: 0 }, ({ chunks, size }, chunk) =>
          size + chunk.length > limit
            ? Effect.fail(tooLarge)
            : Effect.succeed({ chunks: [...chunks, chunk], size: size + chunk.length }),
        ),
        Effect.map(({ chunks }) => Buffer.concat(chunks)),
      ),
  }
}

const broken = badRequest("the body could not be read to its end", "body-incomplete")
const tooLarge = new Problem({
  status: 413,
  kind: "body-too-large",
  detail: `the body is larger than ${maxBodyBytes} bytes, which is the limit`,
})

const response = (reply: Reply, runtime: Runtime.Runtime<RouteNeeds>): Response => {
  const body = reply.stream === null ? reply.bytes : Stream.toReadableStreamRuntime(reply.stream, runtime)
  return new Response(body, { status: reply.status, headers: { ...reply.headers } })
}
