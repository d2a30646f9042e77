// Carries out one request to boot: host by host until one takes it; checks, shim, identity; then tells how it went.

import { Deferred, Effect } from "effect"
import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"
import * as TraceContext from "../../domain/tracing/TraceContext.ts"
import { BootError, bootCheck, noNul } from "./bootCheck.ts"
import * as LifeDirectory from "./LifeDirectory.ts"
import { markerName } from "./Kernel.ts"
import * as limits from "./limits.ts"
import * as LocalUser from "./LocalUser.ts"
import type { Means } from "./Means.ts"
import { argvOf } from "./program.ts"
import type * as Shim from "./Shim.ts"
import * as Ssh from "./Ssh.ts"
import * as Ward from "./Ward.ts"

/** Looked at unasked as well, in case the word of a stand-in shim does not come through the pipe. */
const lookMillis = 250

/** Done when the outcome is in the log; then `ward.booted` says who runs, or that nobody does. */
export const boot = Effect.fn("Supervisor.boot")(function* (means: Means, ward: Ward.Ward, spec: ProcessSpec) {
  const { process } = ward.life
  const started = yield* Effect.either(start(means, ward, spec))
  if (started._tag === "Left") return yield* failed(means, ward, started.left.reason)
  const { record, host } = started.right
  const root = Ward.rootOf(record)
  yield* means.report({
    _tag: "RecordBooted",
    id: Ward.factId(ward, "booted"),
    process,
    identity: root.identity,
    ...(spec.hosts === undefined ? {} : { host }),
  })
  yield* Deferred.succeed(ward.booted, root)
  yield* LifeDirectory.dropEarlier(means.options.dataDirectory, ward.life).pipe(
    Effect.catchAll((error) => Effect.logDebug(`records of earlier lives stay: ${error.reason}`)),
  )
  return root
})

/** The same for what was not even tried. */
export const failed = Effect.fn("Supervisor.bootFailed")(function* (means: Means, ward: Ward.Ward, reason: string) {
  const { process } = ward.life
  yield* means.report({ _tag: "RecordBootFailed", id: Ward.factId(ward, "boot-failed"), process, reason })
  means.cgroups.remove(new Set(ward.cgroups.values()))
  yield* Deferred.succeed(ward.booted, null)
  return null
})

const start = Effect.fn("Supervisor.start")(function* (means: Means, ward: Ward.Ward, spec: ProcessSpec) {
  // Who cannot be told from others by start and boot could never be stopped safely.
  if (means.kernel.bootId === null)
    return yield* new BootError({ reason: "this host has no /proc, and without it no process is kept" })
  yield* noNul(spec)
  const context = TraceContext.ofProcess(ward.life.process, ward.life.requestedAt, spec.traceparent)
  const asked = { TRACEPARENT: TraceContext.traceparentOf(context), ...(yield* askedEnvironment(means, ward, spec)) }
  const directory = yield* LifeDirectory.prepare(means.options.dataDirectory, ward.life).pipe(
    Effect.mapError((error) => new BootError({ reason: `the data directory: ${error.reason}` })),
  )
  const hosts = spec.hosts ?? ["localhost"]
  const reasons: Array<string> = []
  for (const host of hosts) {
    const on: Effect.Effect<Planned, BootError> = Ssh.isLocal(host)
      ? here(means, ward, spec, asked)
      : elsewhere(means, ward, spec, { host, directory, asked })
    const tried = yield* Effect.either(Effect.flatMap(on, (planned) => launched(means, ward, directory, planned)))
    if (tried._tag === "Right") return { record: tried.right, host }
    reasons.push(hosts.length === 1 && Ssh.isLocal(host) ? tried.left.reason : `${host}: ${tried.left.reason}`)
  }
  return yield* new BootError({ reason: reasons.join("; ") })
})

type Planned = Omit<Shim.Start, "directory" | "rotateBytes" | "rotateCount">

const here = Effect.fn("Supervisor.here")(function* (
  means: Means,
  ward: Ward.Ward,
  spec: ProcessSpec,
  asked: Environment,
) {
  const { options } = means
  yield* bootCheck(spec, options.scriptRoots)
  const planned = yield* limits.plan(means, ward, spec.limits ?? {})
  const user = yield* LocalUser.named(spec.user)
  // Its own user could not reach a log among the agent's own files: there the agent's shim writes, and the program alone changes user.
  const isOwnLog = spec.logPath === null
  const become =
    user === null || !isOwnLog ? [] : ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups", "--"]
  ward.remote = null
  return {
    logPath: spec.logPath ?? LifeDirectory.defaultLog(options.dataDirectory, ward.life.process),
    workingDirectory: spec.workingDirectory,
    argv: [...become, ...argvOf(spec)],
    // What was asked for goes over what the agent has; a marker goes over both.
    environment: withoutGaps({ ...options.environment, ...asked, [markerName]: ward.life.process }),
    user: isOwnLog ? null : user,
    cgroups: Array.from(new Set(planned.cgroups)),
    limits: planned.resources,
  } satisfies Planned
})

const elsewhere = Effect.fn("Supervisor.elsewhere")(function* (
  means: Means,
  ward: Ward.Ward,
  spec: ProcessSpec,
  { host, directory, asked }: { readonly host: string; readonly directory: string; readonly asked: Environment },
) {
  const { options } = means
  if (spec.limits !== undefined)
    return yield* new BootError({ reason: "limit not enforceable here: it runs on another host" })
  const ssh = { configuration: options.sshConfig ?? null }
  yield* Ssh.check(ssh, host, spec)
  const argv = yield* Ssh.program(ssh, host, spec, { process: ward.life.process, directory, environment: asked })
  ward.remote = { host, user: spec.user }
  return {
    logPath: spec.logPath ?? LifeDirectory.defaultLog(options.dataDirectory, ward.life.process),
    workingDirectory: directory,
    argv,
    environment: withoutGaps({ ...options.environment, [markerName]: ward.life.process }),
    user: null,
    cgroups: [],
    limits: [],
  } satisfies Planned
})

const launched = Effect.fn("Supervisor.launched")(function* (
  means: Means,
  ward: Ward.Ward,
  directory: string,
  planned: Planned,
) {
  const { rotateBytes, rotateCount, bootMillis } = means.bounds
  const shim = yield* means.launch(
    { directory, rotateBytes, rotateCount, ...planned },
    { came: () => Ward.awaken(ward), ceased: () => Ward.lookUnasked(ward) },
  )
  // Without an identity nobody could ever stop it.
  return yield* Effect.tapError(firstWord(ward, shim.isAlive, bootMillis), () => Effect.sync(shim.kill))
})

type Environment = Readonly<Record<string, string>>

const askedEnvironment = (means: Means, ward: Ward.Ward, spec: ProcessSpec): Effect.Effect<Environment, BootError> =>
  spec.env === null
    ? Effect.succeed({})
    : means.secretsOf(ward.life.process).pipe(
        Effect.mapBoth({
          onFailure: (error) => new BootError({ reason: `the environment could not be read: ${error.reason}` }),
          onSuccess: (environment) => environment ?? {},
        }),
      )

const withoutGaps = (environment: Readonly<Record<string, string | undefined>>): Environment =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )

const firstWord = Effect.fn("Supervisor.firstWord")(function* (
  ward: Ward.Ward,
  isAlive: () => boolean,
  bootMillis: number,
) {
  const deadline = performance.now() + bootMillis
  while (true) {
    yield* Ward.pause(ward, lookMillis)
    // Asked before the records are read: a shim that has ended writes nothing more.
    const alive = isAlive()
    const word = yield* recordedWord(ward.directory)
    if (word !== null) return word
    if (!alive) return yield* new BootError({ reason: "the shim ended without a word" })
    if (performance.now() > deadline)
      return yield* new BootError({ reason: `the shim said nothing for ${bootMillis} ms` })
  }
})

/** Who runs, once that is recorded; fails with what the shim had to say instead; null while it has said neither. */
export const recordedWord = Effect.fn("Supervisor.recordedWord")(function* (directory: string) {
  const identity = yield* LifeDirectory.identity(directory)
  if (identity !== null) return identity
  const failure = yield* LifeDirectory.failure(directory)
  return failure === null ? null : yield* new BootError({ reason: LifeDirectory.sentenceOf(failure) })
})
