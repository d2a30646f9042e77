// Problems that many routes share, and the forms in which each system's clients expect them.

import type { CommandError } from "../commands/Commands.ts"
import type { Rejection } from "../domain/Rejection.ts"
import type { ReadFailed } from "../projections/LogReader.ts"
import type { MomentUnknown, ViewsUnavailable } from "../projections/Views.ts"
import { Problem } from "./Problem.ts"
import type { Answer, ErrorShape } from "./Route.ts"

export const badRequest = (detail: string, kind = "bad-request"): Problem => new Problem({ status: 400, kind, detail })

/** Nothing was done; asking again later may help. */
export const unavailable = (detail: string, retryAfterMillis = 1000): Problem =>
  new Problem({
    status: 503,
    kind: "unavailable",
    detail,
    headers: { "retry-after": String(Math.max(1, Math.ceil(retryAfterMillis / 1000))) },
  })

export const ofCommandError = (error: CommandError): Problem => {
  switch (error._tag) {
    case "ReadOnly":
      return new Problem({ status: 403, kind: "read-only", detail: error.reason })
    case "Unavailable":
      return unavailable(`nothing was written: ${error.reason}; ask again`, error.retryAfterMillis)
    case "CommandOutcomeUnknown":
      return new Problem({
        status: 503,
        kind: "outcome-unknown",
        detail: `the disk failed in the middle, so this may or may not have been done: ${error.reason}; look before asking again`,
        headers: { "retry-after": "1" },
      })
  }
}

const statuses: Readonly<Record<Rejection["_tag"], number>> = {
  ProcessNotFound: 404,
  ProcessAlreadyRunning: 409,
  ProcessNotRunning: 409,
  ProcessStillRunning: 409,
  DependencyCycle: 409,
  FlowNotFound: 404,
  FlowAlreadyExists: 409,
  FlowUnsound: 400,
  RoutineNotFound: 404,
  RoutineAlreadyExists: 409,
  SlotNotFound: 400,
  ConnectionNotFound: 404,
  JobNotFound: 404,
  JobAlreadyExists: 409,
  JobIsOver: 409,
  JobNotPaused: 409,
  JobStillRunning: 409,
  BreakpointNotFound: 404,
  BreakpointUnsound: 422,
  VariableRefused: 422,
  TaskNotFound: 404,
  TaskAlreadyExists: 409,
  TaskStillRunning: 409,
  TooManyTasks: 409,
}

const ofRejection = ({ _tag, message }: Rejection): Problem => {
  const kind = _tag.replaceAll(/([a-z])([A-Z])/g, "$1-$2").toLowerCase()
  return new Problem({ status: statuses[_tag], kind, detail: message })
}

/** Whatever keeps a command from being done. */
export const ofSubmitting = (error: Rejection | CommandError): Problem => {
  switch (error._tag) {
    case "ReadOnly":
    case "Unavailable":
    case "CommandOutcomeUnknown":
      return ofCommandError(error)
    default:
      return ofRejection(error)
  }
}

export const ofReading = (error: MomentUnknown | ViewsUnavailable | ReadFailed): Problem =>
  error._tag === "MomentUnknown"
    ? new Problem({ status: 404, kind: "moment-unknown", detail: error.reason })
    : unavailable(`the log cannot be read now: ${error.reason}`)

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Who are you?",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  408: "Too slow",
  409: "Conflict",
  413: "Too large",
  415: "Unsupported media type",
  422: "Not valid",
  429: "Too many",
  500: "Internal error",
  503: "Not available now",
}

export const answerOf = (problem: Problem, shape: ErrorShape): Answer => {
  const headers = problem.headers ?? {}
  if (shape === "error") return { status: problem.status, headers, body: { error: problem.detail } }
  if (shape === "detail") return { status: problem.status, headers, body: { detail: problem.detail } }
  return {
    status: problem.status,
    headers: { ...headers, "content-type": "application/problem+json" },
    body: {
      type: `urn:annalist:problem:${problem.kind}`,
      title: titles[problem.status] ?? "Error",
      status: problem.status,
      detail: problem.detail,
    },
  }
}

/** For what no route answers: the shape of the system whose path it looks like. */
export const shapeOfPath = (path: string): ErrorShape =>
  path.startsWith("/v1/") ? "problem" : path.startsWith("/api/") ? "detail" : "error"
