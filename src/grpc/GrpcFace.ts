// The gRPC face: drunc's process manager on a port of its own, open for as long as its scope.

import type { sendUnaryData, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js"
import * as grpc from "@grpc/grpc-js"
import { Cause, Data, Effect, Exit, FiberId, Option, Runtime, type Scope, Stream } from "effect"
import { Commands } from "../commands/Commands.ts"
import type { Role } from "../http/Role.ts"
import type { Views } from "../projections/Views.ts"
import * as calls from "./calls.ts"
import { description, ownName } from "./describing.ts"
import { numberOf } from "./Generation.ts"
import * as Guest from "./Guest.ts"
import type { Any, Request, Response } from "./messages.ts"
import { Refusal } from "./Refusal.ts"
import * as reflection from "./reflection.ts"
import * as Schema from "./Schema.ts"

export interface GrpcSettings extends Omit<calls.CallSettings, "schema"> {
  readonly address: string
  /** 0 takes any free one. */
  readonly port: number
  readonly protoDirectory: string
  /** The same files as a FileDescriptorSet. */
  readonly descriptors: Uint8Array
  readonly tls: { readonly cert: string; readonly key: string; readonly clientCa: string | null } | null
  /** Null where a client certificate is not asked for. */
  readonly doorway: Omit<Guest.Doorway, "local">
  /** The door has to know on which port it stands. */
  readonly onBound: (port: number) => void
}

export class GrpcBindError extends Data.TaggedError("GrpcBindError")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

type Needs = Commands | Views

/** What a call may hold at once, and how much may come in with it. */
const limits = { "grpc.max_concurrent_streams": 256, "grpc.max_receive_message_length": 4 * 1024 * 1024 }
/** Between an orderly end and the closing of what is still open. */
const farewellMillis = 1_000

const unary: Readonly<Record<string, { readonly role: Role; readonly call: calls.Call }>> = {
  describe: {
    role: "viewer",
    call: (_, { schema, generation }) => Effect.sync(() => schema.pack("Description", description(generation))),
  },
  // Any program, not one below the script roots.
  boot: { role: "admin", call: calls.boot },
  restart: { role: "operator", call: calls.restart },
  kill: { role: "operator", call: calls.kill },
  terminate: { role: "operator", call: calls.terminate },
  flush: { role: "operator", call: calls.flush },
  ps: { role: "viewer", call: calls.ps },
}

/** Returns the port once it answers. */
export const open = (settings: GrpcSettings): Effect.Effect<number, GrpcBindError, Needs | Scope.Scope> =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime<Needs>()
    const schema = Schema.load(settings.protoDirectory)
    const server = new grpc.Server(limits)
    const all = { ...settings, schema }
    const place = { port: settings.port }
    const doorway = (): Guest.Doorway => ({
      ...settings.doorway,
      local: { address: settings.address, port: place.port },
    })
    server.addService(schema.service, handlers(all, doorway, runtime))
    const { protoDirectory, descriptors } = settings
    for (const { definition, handlers: own } of reflection.answering(protoDirectory, descriptors, [
      Schema.spokenPath,
    ])) {
      server.addService(definition, own)
    }
    yield* Effect.addFinalizer(() => closed(server))
    place.port = yield* bound(server, settings)
    settings.onBound(place.port)
    return place.port
  })

const bound = (server: grpc.Server, { address, port, tls }: GrpcSettings): Effect.Effect<number, GrpcBindError> =>
  Effect.async((resume) => {
    const credentials =
      tls === null
        ? grpc.ServerCredentials.createInsecure()
        : grpc.ServerCredentials.createSsl(
            tls.clientCa === null ? null : Buffer.from(tls.clientCa),
            [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }],
            tls.clientCa !== null,
          )
    const name = address.includes(":") ? `[${address}]` : address
    server.bindAsync(`${name}:${port}`, credentials, (error, taken) =>
      resume(
        error === null
          ? Effect.succeed(taken)
          : Effect.fail(
              new GrpcBindError({ reason: `the gRPC port ${name}:${port} cannot be listened on: ${error.message}` }),
            ),
      ),
    )
  })

const closed = (server: grpc.Server): Effect.Effect<void> =>
  Effect.async<void>((resume) => server.tryShutdown(() => resume(Effect.void))).pipe(
    Effect.timeoutOption(farewellMillis),
    Effect.zipRight(Effect.sync(() => server.forceShutdown())),
  )

const handlers = (settings: calls.CallSettings, doorway: () => Guest.Doorway, runtime: Runtime.Runtime<Needs>) => {
  const runFork = Runtime.runFork(runtime)
  const answer = (request: Request, data: Any | null, flag: number): Response => ({
    name: ownName,
    token: request.token,
    data,
    flag,
    children: [],
  })
  const refused = (request: Request, { flag, reason }: Refusal): Response =>
    answer(request, settings.schema.pack("Stacktrace", { text: [reason] }), numberOf(flag, settings.generation))

  const one = (name: string, { role, call }: (typeof unary)[string]) => {
    return (incoming: ServerUnaryCall<Request, Response>, send: sendUnaryData<Response>) => {
      const { request } = incoming
      const task = Guest.admit(doorway(), incoming, role).pipe(
        Effect.flatMap((caller) => audited(name, caller, call({ caller, data: request.data ?? null }, settings))),
        Effect.match({
          onFailure: (refusal) => refused(request, refusal),
          onSuccess: (data) => answer(request, data, 0),
        }),
      )
      const told = Effect.tapErrorCause(task, (cause) => Effect.logError(`grpc ${name} broke`, cause))
      runFork(told).addObserver((exit) =>
        send(null, Exit.isSuccess(exit) ? exit.value : refused(request, broken(name, exit.cause))),
      )
    }
  }

  const logs = (outgoing: ServerWritableStream<Request, Response>) => {
    const { request } = outgoing
    const lines = Effect.flatMap(Guest.admit(doorway(), outgoing, "operator"), (caller) =>
      audited("logs", caller, calls.logs({ caller, data: request.data ?? null }, settings)),
    )
    const task = Stream.runForEach(Stream.unwrap(lines), (some) =>
      Effect.forEach(some, (line) => written(outgoing, answer(request, line, 0)), { discard: true }),
    )
    const fiber = runFork(task)
    outgoing.on("cancelled", () => fiber.unsafeInterruptAsFork(FiberId.none))
    fiber.addObserver((exit) => {
      if (Exit.isFailure(exit) && !outgoing.cancelled) outgoing.write(refused(request, failureOf("logs", exit.cause)))
      outgoing.end()
    })
  }
  return { ...Object.fromEntries(Object.entries(unary).map(([name, row]) => [name, one(name, row)])), logs }
}

/** A call that its caller was allowed to make and that cannot be made sense of is written down, as a turned-down command is. */
const audited = <A>(name: string, caller: { readonly actor: string }, call: Effect.Effect<A, Refusal, Needs>) =>
  Effect.tapError(call, (refusal) =>
    refusal.isTold
      ? Effect.void
      : Effect.flatMap(Commands, (commands) =>
          commands.record(
            [{ _tag: "CommandRefused", command: `grpc ${name}`, reason: refusal.reason.slice(0, 500) }],
            caller,
          ),
        ).pipe(Effect.catchAll((error) => Effect.logDebug(`a refusal is not in the log: ${error._tag}`))),
  )

/** Waits until the client takes more. */
const written = (call: ServerWritableStream<Request, Response>, response: Response): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (call.cancelled || call.write(response)) return resume(Effect.void)
    const go = () => resume(Effect.void)
    call.once("drain", go)
    return Effect.sync(() => void call.off("drain", go))
  })

const failureOf = (name: string, cause: Cause.Cause<Refusal>): Refusal =>
  Option.getOrElse(Cause.failureOption(cause), () => broken(name, cause))

/** A defect is ours; the caller learns only that it was not his fault. */
const broken = (name: string, cause: Cause.Cause<unknown>): Refusal => {
  const reason = Cause.isInterruptedOnly(cause) ? "the agent is shutting down" : `the agent made a mistake in ${name}`
  return new Refusal({ flag: "UNHANDLED_EXCEPTION_THROWN", reason, isTold: false })
}
