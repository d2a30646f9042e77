// The Debug Adapter Protocol: each request of an editor answered, over whatever carries its messages.

import { Deferred, Effect, Either, Stream } from "effect"
import { isOver } from "../../../domain/flows/Job.ts"
import { callBefore, callNumbered } from "../routilux/pastCalls.ts"
import type { View } from "../../../projections/Views.ts"
import { scopesOf, stackOf, threadsOf } from "../../../wire/dap/places.ts"
import { Problem } from "../../Problem.ts"
import type { Conversation, RouteCaller, RouteNeeds, Words } from "../../Route.ts"
import { evaluate, evaluationOff } from "../routilux/debugging.ts"
import { flowOf, freshJob, unfit } from "../routilux/submitting.ts"
import { type Asked, DapSession } from "./DapSession.ts"
import * as Requests from "./requests.ts"

export interface Admission {
  /** As whom the editor comes in; the token is one that its configuration may hold. */
  readonly admit: (token: string | null) => Effect.Effect<RouteCaller, Problem>
  readonly mayEvaluate: boolean
}

type Answering = Effect.Effect<object | void, Problem, RouteNeeds>
type Handler = (session: DapSession, request: Words, admission: Admission) => Answering

/** Ends with the connection, or when the editor has said good-bye. */
export const converse = (admission: Admission, conversation: Conversation): Effect.Effect<void, never, RouteNeeds> =>
  Effect.gen(function* () {
    const session = new DapSession(conversation)
    // An answer goes before what came of it.
    const permit = yield* Effect.makeSemaphore(1)
    const configured = yield* Deferred.make<void>()
    const listen = conversation.said.pipe(
      Stream.takeUntil(({ command }) => command === "disconnect"),
      Stream.runForEach((request) =>
        Effect.gen(function* () {
          yield* permit.withPermits(1)(answer(session, request, admission))
          if (request["command"] === "configurationDone") yield* Deferred.succeed(configured, undefined)
        }),
      ),
    )
    const tell = Effect.gen(function* () {
      yield* Deferred.await(configured)
      yield* session.follow(yield* session.view, permit)
      return yield* Effect.never
    }).pipe(Effect.catchAll(() => Effect.never))
    yield* Effect.raceFirst(listen, tell)
  })

const answer = (session: DapSession, request: Words, admission: Admission) => {
  const { command, seq } = request
  const response = { type: "response", request_seq: seq ?? 0, command: command ?? "" }
  const handler = typeof command === "string" && Object.hasOwn(handlers, command) ? handlers[command] : undefined
  const handled =
    request["type"] !== "request" || handler === undefined
      ? Effect.fail(unfit(`there is no request ${JSON.stringify(command)?.slice(0, 60)} here`))
      : handler(session, request, admission)
  return Effect.gen(function* () {
    const outcome = yield* Effect.either(handled)
    if (Either.isLeft(outcome)) {
      const { detail, status } = outcome.left
      const body = { error: { id: status, format: detail, showUser: true } }
      return yield* session.tell({ ...response, success: false, message: detail, body })
    }
    const body = outcome.right ?? {}
    yield* session.tell({ ...response, success: true, body })
    // From here on the editor sends its breakpoints.
    if (command === "attach" || command === "launch") yield* session.event({ event: "initialized" })
  })
}

const admitted: (session: DapSession, request: Words, admission: Admission) => Effect.Effect<void, Problem> = (
  session,
  request,
  admission,
) => {
  const given = (request["arguments"] as Words | undefined)?.["token"]
  return Effect.map(admission.admit(typeof given === "string" ? given : null), (caller) => {
    session.caller = caller
  })
}

/** Nothing of it happens while the past is looked at: the first such request leads back to the present. */
const moving =
  (command: Asked): Handler =>
  (session) =>
    Effect.gen(function* () {
      if (yield* session.present()) return
      yield* session.ask(command)
      return { allThreadsContinued: true }
    })

const back =
  (find: (view: View, job: string) => ReturnType<typeof callBefore>): Handler =>
  (session) =>
    Effect.gen(function* () {
      const { id } = yield* session.job
      const found = yield* find(yield* session.view, id)
      if (found === null) return yield* unfit("nothing was called before")
      yield* session.show(found.view)
      return undefined
    })

const handlers: Readonly<Record<string, Handler>> = {
  initialize: () => Effect.succeed(Requests.capabilities),
  attach: (session, request, admission) =>
    Effect.gen(function* () {
      const { job_id } = yield* Requests.argumentsOf(Requests.Attach, request)
      yield* admitted(session, request, admission)
      yield* session.attach(job_id)
    }),
  launch: (session, request, admission) =>
    Effect.gen(function* () {
      const asked = yield* Requests.argumentsOf(Requests.Launch, request)
      yield* admitted(session, request, admission)
      const found = flowOf(yield* session.view, asked.flow_id)
      if (found instanceof Problem) return yield* found
      session.launch({ ...asked, job: freshJob() })
      return undefined
    }),
  setBreakpoints: (session, request) =>
    Effect.gen(function* () {
      const { source, breakpoints } = yield* Requests.argumentsOf(Requests.SetBreakpoints, request)
      return { breakpoints: yield* session.setBreakpoints(source.path ?? "?", breakpoints ?? []) }
    }),
  setFunctionBreakpoints: (session, request) =>
    Effect.gen(function* () {
      const { breakpoints } = yield* Requests.argumentsOf(Requests.SetFunctionBreakpoints, request)
      return { breakpoints: yield* session.setBreakpoints(null, breakpoints) }
    }),
  setExceptionBreakpoints: () => Effect.succeed({ breakpoints: [] }),
  configurationDone: (session) => session.begin(),
  threads: (session) => Effect.map(session.job, (job) => ({ threads: threadsOf(job) })),
  stackTrace: (session, request) =>
    Effect.gen(function* () {
      const { threadId } = yield* Requests.argumentsOf(Requests.OfThread, request)
      const stackFrames = stackOf(yield* session.job, threadId)
      return { stackFrames, totalFrames: stackFrames.length }
    }),
  scopes: (session, request) =>
    Effect.gen(function* () {
      const { frameId } = yield* Requests.argumentsOf(Requests.OfFrame, request)
      return { scopes: scopesOf(yield* session.job, frameId, session.handles) }
    }),
  variables: (session, request) =>
    Effect.map(Requests.argumentsOf(Requests.OfVariables, request), ({ variablesReference }) => ({
      variables: session.handles.variables(variablesReference),
    })),
  setVariable: (session, request) => setVariable(session, request),
  evaluate: (session, request, { mayEvaluate }) =>
    Effect.gen(function* () {
      if (!mayEvaluate) return yield* evaluationOff
      const { expression } = yield* Requests.argumentsOf(Requests.Evaluate, request)
      const { result, error } = yield* evaluate(yield* session.job, expression)
      if (error !== null) return yield* unfit(error)
      return { result: JSON.stringify(result), variablesReference: 0 }
    }),
  continue: moving({ _tag: "ResumeJob" }),
  next: moving({ _tag: "StepJob", mode: "over" }),
  stepIn: moving({ _tag: "StepJob", mode: "into" }),
  // A call returns nowhere: what it emitted waits in a queue.
  stepOut: moving({ _tag: "StepJob", mode: "over" }),
  stepBack: back(callBefore),
  reverseContinue: back((view, job) => callNumbered(view, job, 1)),
  pause: moving({ _tag: "PauseJob" }),
  terminate: (session) => Effect.asVoid(session.ask({ _tag: "CancelJob" })),
  disconnect: (session, request) =>
    Effect.gen(function* () {
      const { terminateDebuggee } = yield* Requests.argumentsOf(Requests.Disconnect, request)
      yield* leave(session, terminateDebuggee ?? session.isLaunched)
    }),
}

/** A job that was attached to goes on without the editor; what the editor began ends with it, unless it says otherwise. */
const leave = (session: DapSession, isEnd: boolean) =>
  Effect.gen(function* () {
    session.past = null
    const job = yield* session.job
    if (isOver(job)) return
    yield* session.removeBreakpoints()
    if (isEnd) yield* session.ask({ _tag: "CancelJob" })
    else if (job.pause !== null) yield* session.ask({ _tag: "ResumeJob" })
  }).pipe(Effect.ignore)

const setVariable = (session: DapSession, request: Words) =>
  Effect.gen(function* () {
    const { variablesReference, name, value } = yield* Requests.argumentsOf(Requests.SetVariable, request)
    if (session.past !== null) return yield* unfit("the past cannot be changed")
    const parsed = Either.try((): unknown => JSON.parse(value))
    if (Either.isLeft(parsed)) return yield* unfit('a value is written as JSON: 5, "text", [1, 2], true, null')
    const changed = session.handles.change(variablesReference, name, parsed.right)
    if (changed === null) return yield* unfit("this variable is of another moment")
    yield* session.ask({ _tag: "SetVariable", ...changed })
    return { value: JSON.stringify(parsed.right), variablesReference: 0 }
  })
