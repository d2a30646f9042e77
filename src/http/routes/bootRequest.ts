// What POST /v1/processes is asked for, held against the rules and turned into the process to boot.

import { isAbsolute, resolve } from "node:path"
import { Either, ParseResult, Schema } from "effect"
import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"
import type { Limits, Probe, RestartPolicy } from "../../domain/events/ProcessTerms.ts"
import { faultIn, redacted } from "../../domain/processes/environment.ts"
import { BootBody, LimitsBody, type ProbeBody, type RestartBody } from "../../wire/processes.ts"
import type { Problem } from "../Problem.ts"
import { badRequest } from "../problems.ts"
import type { ScriptSettings } from "../RouteSettings.ts"
import { type StartAsked, withinRoots } from "./startRequest.ts"

type Refused<A> = Either.Either<A, Problem>

const defaults = {
  restart: { backoff: 1, backoffMost: 60, steady: 60 },
  probe: { interval: 1, timeout: 1, failures: 3 },
} as const

export const parse = (body: unknown, settings: ScriptSettings): Refused<StartAsked> =>
  Either.gen(function* () {
    yield* environmentFault(body)
    const asked = yield* decoded(BootBody, body)
    const { argv, name } = yield* programOf(asked, settings)
    const words = [argv, ...(asked.steps ?? [])].flat()
    if (words.some((word) => word.includes("\0")))
      return yield* refuse("an argument contains a NUL byte; no argument can")
    const { env = null } = asked
    const workingDirectory = resolve(settings.directory, asked.working_directory ?? "")
    const { log_path: log } = asked
    const spec: ProcessSpec = {
      name: asked.name ?? name,
      kind: "process",
      argv,
      workingDirectory,
      env: env === null ? null : redacted(env, settings.shownNames),
      user: asked.user ?? settings.user,
      session: asked.session ?? null,
      treeId: asked.tree_id ?? null,
      host: asked.hosts?.[0] ?? settings.host,
      logPath: log === undefined ? null : isAbsolute(log) ? log : resolve(workingDirectory, log),
      scriptPath: asked.script_path ?? null,
      ...termsOf(asked),
    }
    return { spec, environment: env }
  })

/** Only what was asked for goes into the log. */
const termsOf = (asked: BootBody): Partial<ProcessSpec> => ({
  ...(asked.steps === undefined ? {} : { steps: asked.steps }),
  ...(asked.hosts === undefined ? {} : { hosts: asked.hosts }),
  ...(asked.restart === undefined ? {} : { restart: policyOf(asked.restart) }),
  ...(asked.limits === undefined ? {} : { limits: limitsOf(asked.limits) }),
  ...(asked.readiness === undefined ? {} : { readiness: probeOf(asked.readiness) }),
  ...(asked.liveness === undefined ? {} : { liveness: probeOf(asked.liveness) }),
  ...(asked.depends_on === undefined ? {} : { dependsOn: asked.depends_on }),
})

const programOf = (asked: BootBody, settings: ScriptSettings): Refused<Pick<ProcessSpec, "argv" | "name">> => {
  if ((asked.argv === undefined) === (asked.script_path === undefined)) {
    return refuse("one of argv and script_path says what to run, and only one of them")
  }
  if (asked.argv !== undefined) return Either.right({ argv: asked.argv, name: lastPart(asked.argv[0]) })
  const path = asked.script_path ?? ""
  if (path.includes("\0")) return refuse("script_path holds a NUL; no path can")
  return Either.map(withinRoots(path, settings), (file) => ({ argv: ["/bin/sh", file], name: lastPart(file) }))
}

const lastPart = (path: string): string => path.split("/").at(-1) || path

export const limitsAsked = (body: unknown): Refused<Limits> => Either.map(decoded(LimitsBody, body), limitsOf)

const limitsOf = (asked: LimitsBody): Limits =>
  withoutGaps({
    cpus: asked.cpus,
    memoryBytes: asked.memory_bytes,
    pids: asked.pids,
    openFiles: asked.open_files,
    fileBytes: asked.file_bytes,
    coreBytes: asked.core_bytes,
    cpuSeconds: asked.cpu_seconds,
  })

export const limitsAnswer = (limits: Limits): LimitsBody =>
  withoutGaps({
    cpus: limits.cpus,
    memory_bytes: limits.memoryBytes,
    pids: limits.pids,
    open_files: limits.openFiles,
    file_bytes: limits.fileBytes,
    core_bytes: limits.coreBytes,
    cpu_seconds: limits.cpuSeconds,
  })

const withoutGaps = (fields: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

const policyOf = (asked: RestartBody): RestartPolicy => ({
  when: asked.when,
  backoffMillis: millis(asked.backoff_seconds ?? defaults.restart.backoff),
  backoffMostMillis: millis(asked.backoff_most_seconds ?? defaults.restart.backoffMost),
  most: asked.most ?? null,
  steadyMillis: millis(asked.steady_seconds ?? defaults.restart.steady),
})

const probeOf = (asked: ProbeBody): Probe => {
  const pace = {
    intervalMillis: millis(asked.interval_seconds ?? defaults.probe.interval),
    timeoutMillis: millis(asked.timeout_seconds ?? defaults.probe.timeout),
    failures: asked.failures ?? defaults.probe.failures,
  }
  if ("exec" in asked) return { kind: "exec", argv: asked.exec, ...pace }
  return "http" in asked ? { kind: "http", url: asked.http, ...pace } : { kind: "log", text: asked.log, ...pace }
}

const millis = (seconds: number): number => Math.round(seconds * 1000)

/** Looked at before anything else, because a schema's complaint would show the value. */
const environmentFault = (body: unknown): Refused<null> => {
  const env = (body as { readonly env?: unknown } | null | undefined)?.env
  if (typeof env !== "object" || env === null || Array.isArray(env)) return Either.right(null)
  const fault = faultIn(env as Readonly<Record<string, unknown>>)
  return fault === null ? Either.right(null) : refuse(`env ${fault}`)
}

/** A field that nobody knows is refused: whoever misspelt one would wonder for long. */
export const decoded = <A, I>(schema: Schema.Schema<A, I>, body: unknown): Refused<A> =>
  Either.mapLeft(Schema.decodeUnknownEither(schema, { onExcessProperty: "error" })(body ?? {}), (error) => {
    const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
    const where = issue?.path.map(String).join(".") ?? ""
    return badRequest(
      `${where === "" ? "the body" : where.slice(0, 200)}: ${(issue?.message ?? "").slice(0, 300)}`,
      "bad-boot",
    )
  })

const refuse = (detail: string): Either.Either<never, Problem> => Either.left(badRequest(detail, "bad-boot"))
