// What POST /start and /restart are asked for, held against the rules and turned into the process to boot.

import { basename, relative, resolve } from "node:path"
import { Either } from "effect"
import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"
import { type Environment, faultIn, kindOf, redacted } from "../../domain/processes/environment.ts"
import * as TraceContext from "../../domain/tracing/TraceContext.ts"
import type { Problem } from "../Problem.ts"
import { badRequest } from "../problems.ts"
import type { RouteRequest } from "../Route.ts"
import type { ScriptSettings } from "../RouteSettings.ts"

export interface StartAsked {
  readonly spec: ProcessSpec
  /** As it was sent: for the process, and for the echo to this one caller. */
  readonly environment: Environment | null
}

/** The caller's trace goes on in the process; a header that is none begins a new one, as the standard has it. */
export const traced = (asked: StartAsked, headers: RouteRequest["headers"]): StartAsked => {
  const { traceparent } = headers
  if (traceparent === undefined || TraceContext.parse(traceparent) === null) return asked
  return { ...asked, spec: { ...asked.spec, traceparent: traceparent.trim() } }
}

type Refused<A> = Either.Either<A, Problem>

export const parse = (body: unknown, settings: ScriptSettings): Refused<StartAsked> =>
  Either.gen(function* () {
    const fields = yield* fieldsOf(body)
    const environment = yield* environmentOf(fields["env_vars"])
    const scriptPath = yield* scriptOf(fields["script_path"], settings.fallback)
    const file = yield* withinRoots(scriptPath, settings)
    return { spec: specOf(scriptPath, file, environment, settings), environment }
  })

const fieldsOf = (body: unknown): Refused<Readonly<Record<string, unknown>>> => {
  if (body === undefined || body === null) return Either.right({})
  if (typeof body !== "object" || Array.isArray(body)) {
    return refuse('the body must be a JSON object such as {"script_path":"launch.sh","env_vars":{"DEBUG":"true"}}')
  }
  const unknown = Object.keys(body).find((name) => name !== "env_vars" && name !== "script_path")
  if (unknown !== undefined) {
    return refuse(`the field ${JSON.stringify(unknown.slice(0, 100))} is unknown; there are script_path and env_vars`)
  }
  return Either.right(body as Readonly<Record<string, unknown>>)
}

const environmentOf = (value: unknown): Refused<Environment | null> => {
  if (value === undefined || value === null) return Either.right(null)
  if (typeof value !== "object" || Array.isArray(value)) {
    return refuse(`env_vars must be an object of string values, not ${kindOf(value)}`)
  }
  const environment = value as Readonly<Record<string, unknown>>
  const fault = faultIn(environment)
  return fault === null ? Either.right(environment as Environment) : refuse(`env_vars ${fault}`)
}

const scriptOf = (value: unknown, fallback: string): Refused<string> => {
  if (value === undefined || value === null) return Either.right(fallback)
  if (typeof value !== "string") return refuse(`script_path must be a string, not ${kindOf(value)}`)
  if (value === "") return refuse("script_path is empty; leave it out for the default script")
  if (value.includes("\0")) return refuse("script_path holds a NUL; no path can")
  return Either.right(value)
}

/** By the path's text; links are followed and checked again by the supervisor, at the very moment it opens the file. */
export const withinRoots = (path: string, settings: ScriptSettings): Refused<string> => {
  const file = resolve(settings.directory, path)
  const inside = settings.roots.some((root) => {
    const below = relative(root, file)
    return below !== "" && below !== ".." && !below.startsWith("../")
  })
  return inside
    ? Either.right(file)
    : refuse(
        `script_path ${JSON.stringify(path.slice(0, 200))} lies outside the folders that scripts may lie in; ` +
          "ANNALIST_SCRIPT_ROOTS names them",
      )
}

const specOf = (
  scriptPath: string,
  file: string,
  environment: Environment | null,
  settings: ScriptSettings,
): ProcessSpec => ({
  name: basename(file),
  kind: "script",
  argv: ["/bin/sh", file],
  workingDirectory: settings.directory,
  env: environment === null ? null : redacted(environment, settings.shownNames),
  user: settings.user,
  session: null,
  treeId: null,
  host: settings.host,
  logPath: null,
  scriptPath,
})

const refuse = (detail: string): Either.Either<never, Problem> => Either.left(badRequest(detail, "bad-start"))
