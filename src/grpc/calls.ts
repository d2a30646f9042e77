// The eight calls: each a function of what was asked, answered with a message or turned down with a refusal.

import { randomUUID } from "node:crypto"
import { Effect, Either, Stream } from "effect"
import { type Caller, Commands } from "../commands/Commands.ts"
import type { Outputs } from "../commands/Outputs.ts"
import { CommandId, type Position, ProcessId } from "../domain/Brands.ts"
import type { Command } from "../domain/Command.ts"
import { now } from "../domain/Moment.ts"
import { isAlive, type ManagedProcess } from "../domain/processes/Processes.ts"
import * as ProcessQueries from "../domain/processes/ProcessQuery.ts"
import * as awaiting from "../projections/awaiting.ts"
import { processes } from "../projections/processes.ts"
import { Views } from "../projections/Views.ts"
import { answersOne, type Generation } from "./Generation.ts"
import { type BootAsked, bootAsked, type BootSettings, instanceOf } from "./instances.ts"
import type { Any, BootRequest, LogRequest, ProcessInstance, ProcessQuery } from "./messages.ts"
import { badFormat, exception, type Refusal } from "./Refusal.ts"
import type { Schema } from "./Schema.ts"
import { asRefusal } from "./refusals.ts"

export interface CallSettings extends BootSettings {
  readonly generation: Generation
  readonly schema: Schema
  readonly outputs: Outputs
}

export interface Asked {
  readonly caller: Caller
  readonly data: Any | null
}

type Needs = Commands | Views
type Answered = Effect.Effect<Any, Refusal, Needs>
export type Call = (asked: Asked, settings: CallSettings) => Answered

/** Between SIGQUIT and SIGKILL. */
const graceMillis = 500
const defaultLines = 100
const killedMillis = graceMillis + awaiting.forceMillis

export const boot: Call = Effect.fn("grpc boot")(function* ({ data, caller }, settings) {
  const request = yield* Either.mapLeft(settings.schema.unpack<BootRequest>("BootRequest", data), badFormat)
  const asked = yield* bootAsked(request, settings)
  const process = ProcessId(randomUUID())
  const { position } = yield* submitted(bootOf(process, asked), caller)
  const booted = yield* awaiting.booted(process, position).pipe(Effect.mapError(asRefusal))
  const running = yield* started(booted)
  return oneOrList(instanceOf(running, asked.environment), settings)
})

const bootOf = (process: ProcessId, { spec, environment }: BootAsked): Command => ({
  _tag: "BootProcess",
  id: freshId(),
  process,
  spec,
  environment,
})

const started = (process: ManagedProcess | null): Either.Either<ManagedProcess, Refusal> => {
  if (process === null) return Either.left(exception("it was dropped while it started", true))
  return process.status === "boot_failed"
    ? Either.left(exception(process.reason ?? "it could not be started, and nobody knows why", true))
    : Either.right(process)
}

export const restart: Call = Effect.fn("grpc restart")(function* ({ data, caller }, settings) {
  const found = yield* exactlyOne(yield* queried(data, settings))
  const command: Command = { _tag: "RestartProcess", id: freshId(), process: found.id, signal: "SIGQUIT", graceMillis }
  const { position } = yield* submitted(command, caller)
  const again = awaiting.again(found.id, position, found.boots, killedMillis + awaiting.bootMillis)
  const running = yield* started(yield* again.pipe(Effect.mapError(asRefusal)))
  return oneOrList(instanceOf(running), settings)
})

export const kill: Call = Effect.fn("grpc kill")(function* ({ data, caller }, settings) {
  return yield* killed(yield* queried(data, settings), caller, settings)
})

export const terminate: Call = Effect.fn("grpc terminate")(function* ({ caller }, settings) {
  return yield* killed((yield* everybody).filter(isEndable), caller, settings)
})

export const flush: Call = Effect.fn("grpc flush")(function* ({ data, caller }, settings) {
  const dead = (yield* queried(data, settings)).filter((process) => !isEndable(process))
  const drop = (process: ManagedProcess) =>
    submitted({ _tag: "FlushProcess", id: freshId(), process: process.id }, caller).pipe(
      Effect.flatMap(({ position }) => reached(position)),
      Effect.as([process]),
      // It came to life again, or somebody else was quicker.
      Effect.catchIf(
        ({ flag }) => flag === "DRUNC_EXCEPTION_THROWN",
        () => Effect.succeed([]),
      ),
    )
  const flushed = yield* Effect.forEach(dead, drop, { concurrency: "unbounded" })
  return list(flushed.flat(), settings)
})

export const ps: Call = Effect.fn("grpc ps")(function* ({ data }, settings) {
  return list(yield* queried(data, settings), settings)
})

/** One line an answer. */
export const logs = (
  { data }: Asked,
  { schema, outputs }: CallSettings,
): Effect.Effect<Stream.Stream<ReadonlyArray<Any>, Refusal>, Refusal, Needs> =>
  Effect.gen(function* () {
    const request = yield* Either.mapLeft(schema.unpack<LogRequest>("LogRequest", data), badFormat)
    if (request.how_far < 0) return yield* badFormat("how_far is a number of lines and cannot be negative")
    const process = yield* exactlyOne(yield* matching(request.query))
    const views = yield* Views
    const over = views.until((view) => {
      const found = awaiting.find(view, process.id)
      return found === null || !isEndable(found)
    })
    const last = request.how_far === 0 ? defaultLines : request.how_far
    return outputs.lines({ process, last, until: request.follow ? Effect.ignore(over) : null }).pipe(
      Stream.map((lines) => lines.map((line) => schema.pack("LogLine", { uuid: { uuid: process.id }, line }))),
      Stream.mapError(({ reason }) => exception(reason)),
    )
  })

const killed = Effect.fn("grpc killed")(function* (
  all: ReadonlyArray<ManagedProcess>,
  caller: Caller,
  settings: CallSettings,
) {
  const end = (process: ManagedProcess) =>
    Effect.gen(function* () {
      if (!isEndable(process)) return process
      const command: Command = {
        _tag: "StopProcess",
        id: freshId(),
        process: process.id,
        signal: "SIGQUIT",
        graceMillis,
      }
      const { position } = yield* submitted(command, caller)
      return (yield* awaiting.over(process.id, position, killedMillis).pipe(Effect.mapError(asRefusal))) ?? process
    }).pipe(
      // It ended by itself in the meantime: what is to be answered is how it stands now.
      Effect.catchIf(
        ({ reason }) => reason.endsWith("is not running"),
        () => Effect.map(present, (view) => awaiting.find(view, process.id) ?? process),
      ),
    )
  return list(yield* Effect.forEach(all, end, { concurrency: "unbounded" }), settings)
})

/** Lives, or will again. */
const isEndable = (process: ManagedProcess): boolean => isAlive(process) || process.restartAt !== null

const queried = (data: Any | null, { schema }: CallSettings) =>
  Effect.flatMap(Either.mapLeft(schema.unpack<ProcessQuery>("ProcessQuery", data), badFormat), matching)

const matching = Effect.fn("grpc query")(function* (query: ProcessQuery | null) {
  const view = yield* present
  const { uuids = [], names = [], user = "", session = "" } = query ?? {}
  const asked = { ids: uuids.map(({ uuid }) => uuid), names, user, session }
  return yield* Either.mapLeft(ProcessQueries.matches(view.state(processes), asked), ({ reason }) => badFormat(reason))
})

const exactlyOne = (found: ReadonlyArray<ManagedProcess>): Either.Either<ManagedProcess, Refusal> => {
  const [first, second] = found
  if (first === undefined) return Either.left(exception("The process corresponding to the query doesn't exist"))
  return second === undefined
    ? Either.right(first)
    : Either.left(exception("There are more than 1 processes corresponding to the query"))
}

const present = Effect.flatMap(Views, (views) => Effect.mapError(views.at(now), asRefusal))
const everybody = Effect.map(present, (view) => Array.from(view.state(processes).byId.values()))
const reached = (position: Position) =>
  Effect.flatMap(Views, (views) => Effect.mapError(views.reached(position), asRefusal))

const submitted = (command: Command, caller: Caller) =>
  Effect.flatMap(Commands, (commands) => Effect.mapError(commands.submit(command, caller), asRefusal))

const list = (all: ReadonlyArray<ManagedProcess>, { schema }: CallSettings): Any =>
  schema.pack("ProcessInstanceList", { values: all.map((process) => instanceOf(process)) })

const oneOrList = (instance: ProcessInstance, { schema, generation }: CallSettings): Any =>
  answersOne(generation)
    ? schema.pack("ProcessInstance", instance)
    : schema.pack("ProcessInstanceList", { values: [instance] })

const freshId = () => CommandId(randomUUID())
