// Who calls over gRPC, held against the same door as every other request.

import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js"
import { Effect, Stream } from "effect"
import type { Door } from "../http/door/Door.ts"
import * as Tokens from "../http/door/Tokens.ts"
import type { IncomingRequest } from "../http/IncomingRequest.ts"
import * as Peer from "../http/Peer.ts"
import { badRequest } from "../http/problems.ts"
import type { Problem } from "../http/Problem.ts"
import { allows, type Role } from "../http/Role.ts"
import type { RouteCaller } from "../http/Route.ts"
import type { Request, Response } from "./messages.ts"
import { Refusal } from "./Refusal.ts"

export type AnyCall = ServerUnaryCall<Request, Response> | ServerWritableStream<Request, Response>

export interface Doorway {
  readonly door: Door
  readonly tokens: Tokens.Tokens
  /** Where the server listens. */
  readonly local: Peer.Endpoint
}

/** As whom the call comes in; its refusals are written down like those of any face. */
export const admit = (doorway: Doorway, call: AnyCall, needed: Role): Effect.Effect<RouteCaller, Refusal> => {
  const { door } = doorway
  const request = requestOf(doorway, call)
  const refuse = (problem: Problem, actor: string) => {
    door.refused(request, actor, problem)
    return new Refusal({ flag: "NOT_EXECUTED_NOT_AUTHORISED", reason: problem.detail, isTold: true })
  }
  return Effect.gen(function* () {
    const fault = door.entrance(request)
    const stranger = `peer:${request.peer.remote.address}`
    if (fault !== null) return yield* refuse(fault, stranger)
    const answer = door.callerOf(request)
    const caller = Effect.isEffect(answer)
      ? yield* Effect.mapError(answer, (problem) => refuse(problem, stranger))
      : answer
    if (allows(caller.role, needed)) return caller
    const detail = `${call.getPath()} needs the role ${needed}, and ${caller.actor} comes in as ${caller.role}`
    return yield* refuse(badRequest(detail), caller.actor)
  })
}

const requestOf = (doorway: Doorway, call: AnyCall): IncomingRequest => ({
  method: "POST",
  target: call.getPath(),
  authority: call.getHost(),
  headers: { authorization: bearerOf(doorway, call), origin: textOf(call, "origin") },
  peer: Peer.make(remoteOf(call.getPeer()), doorway.local, certificateOf(call)),
  body: nothing,
})

/** The header, or the request's own token where it is one of ours: clients send a dummy where none is asked for. */
const bearerOf = ({ tokens }: Doorway, call: AnyCall): string | undefined => {
  const header = textOf(call, "authorization")
  if (header !== undefined) return header
  const token = call.request.token?.token ?? ""
  return token !== "" && Tokens.roleOf(tokens, token) !== null ? `Bearer ${token}` : undefined
}

const textOf = (call: AnyCall, name: string): string | undefined => {
  const [value] = call.metadata.get(name)
  return typeof value === "string" ? value : undefined
}

/** "127.0.0.1:50312" and "[::1]:50312". */
const remoteOf = (peer: string): Peer.Endpoint => {
  const colon = peer.lastIndexOf(":")
  return { address: peer.slice(0, colon).replaceAll(/^\[|\]$/g, ""), port: Number(peer.slice(colon + 1)) }
}

/** Only one that was verified is there. */
const certificateOf = (call: AnyCall): string | null => {
  const { CN } = call.getAuthContext().sslPeerCertificate?.subject ?? {}
  return typeof CN === "string" && CN !== "" ? CN : null
}

const nothing: IncomingRequest["body"] = {
  present: false,
  bytes: () => Effect.succeed(new Uint8Array()),
  stream: () => Stream.empty,
}
