// Annalist as a library: a recorded session, its answers as a web-standard function, and users' own projections, collectors and routines.

/// <reference lib="esnext.disposable" preserve="true" />

import { Cause, Effect, Exit, Layer, Logger, type Runtime, Scope } from "effect"
import { routeSettings, needsOf } from "./cli/recording.ts"
import { webRoot } from "./cli/webRoot.ts"
import type { OwnCollector } from "./collectors/OwnCollector.ts"
import * as FetchHandler from "./http/fetchHandler.ts"
import { readPage } from "./http/pageFiles.ts"
import type { Role } from "./http/Role.ts"
import type { RouteNeeds } from "./http/Route.ts"
import type { PageFiles } from "./http/RouteSettings.ts"
import type { Fold } from "./projections/Fold.ts"
import * as Sessions from "./session/openSession.ts"
import type { RecordedEnvelope } from "./session/RecordedEnvelope.ts"

export type { Numbers, OwnCollector } from "./collectors/OwnCollector.ts"
export {
  defineRoutine,
  type Handler,
  type RoutineContext,
  type RoutineData,
  type RoutineDefinition,
} from "./reactors/flows/Routine.ts"

/** An event with its place in the log: the lines of a session file hold the same. */
export type Envelope = RecordedEnvelope
export type Event = Envelope["event"]
export type Projection<State> = Fold<State, Envelope>

/** A recorded session, open for reading until it is closed. */
export interface Session extends AsyncDisposable {
  readonly path: string
  readonly kind: "file" | "directory"
  /** What has to be known about it: that the file was torn, and what is missing. null when it is whole. */
  readonly notice: string | null
  readonly close: () => Promise<void>
}

interface Inside {
  readonly runtime: Runtime.Runtime<RouteNeeds>
  readonly page: PageFiles | null
}

const insides = new WeakMap<Session, Inside>()

/** stdout belongs to whoever uses the library. */
const logging = Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger))

/** Opens a session file, or a data directory that no agent holds. Rejects with an error whose message says what is wrong with it. */
export const openSession = async (path: string): Promise<Session> => {
  const scope = await Effect.runPromise(Scope.make())
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  const exit = await Effect.runPromiseExit(Scope.extend(opening(path), scope))
  if (Exit.isFailure(exit)) {
    await close()
    throw Cause.squash(exit.cause)
  }
  const { opened, inside } = exit.value
  const { kind, notice } = opened
  const session: Session = { path, kind, notice, close, [Symbol.asyncDispose]: close }
  insides.set(session, inside)
  return session
}

const opening = (path: string) =>
  Effect.gen(function* () {
    const opened = yield* Sessions.openSession(path)
    const root = webRoot()
    const page = root === null ? null : yield* readPage(root)
    const services = Layer.merge(needsOf(opened), logging)
    const runtime = yield* Effect.provide(Effect.runtime<RouteNeeds>(), services)
    return { opened, inside: { runtime, page } }
  })

/** The API and the page over a session. Every caller comes in as `role`, by default a viewer: whoever mounts the function has the door. */
export const fetchHandler = (
  session: Session,
  options: { readonly role?: Role } = {},
): ((request: Request) => Promise<Response>) => {
  const inside = insides.get(session)
  if (inside === undefined) throw new TypeError("fetchHandler takes a session that openSession opened")
  return FetchHandler.make(inside.runtime, { ...routeSettings(), page: inside.page, ...options })
}

/** A projection of your own, with its types inferred. */
export const defineProjection = <State>(projection: Projection<State>): Projection<State> => projection

/** A collector of your own, for a module that the setting `collectors` names. */
export const defineCollector = (collector: OwnCollector): OwnCollector => collector
