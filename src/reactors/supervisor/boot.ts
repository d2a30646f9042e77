// Carries out one request to boot: checks, shim, identity; then tells how it went.

import { Deferred, Effect } from "effect"
import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"
import { BootError, bootCheck } from "./bootCheck.ts"
import * as LifeDirectory from "./LifeDirectory.ts"
import { markerName } from "./Kernel.ts"
import type { Means } from "./Means.ts"
import * as Shim from "./Shim.ts"
import * as Ward from "./Ward.ts"

/** Looked at unasked as well, in case the word of a stand-in shim does not come through the pipe. */
const lookMillis = 250

/** Done when the outcome is in the log; then `ward.booted` says who runs, or that nobody does. */
export const boot = Effect.fn("Supervisor.boot")(function* (means: Means, ward: Ward.Ward, spec: ProcessSpec) {
  const { process } = ward.life
  const started = yield* Effect.either(start(means, ward, spec))
  if (started._tag === "Left") {
    const { reason } = started.left
    yield* means.report({ _tag: "RecordBootFailed", id: Ward.factId(ward, "boot-failed"), process, reason })
    yield* Deferred.succeed(ward.booted, null)
    return null
  }
  const root = Ward.rootOf(started.right)
  yield* means.report({ _tag: "RecordBooted", id: Ward.factId(ward, "booted"), process, identity: root.identity })
  yield* Deferred.succeed(ward.booted, root)
  yield* LifeDirectory.dropEarlier(means.options.dataDirectory, ward.life).pipe(
    Effect.catchAll((error) => Effect.logDebug(`records of earlier lives stay: ${error.reason}`)),
  )
  return root
})

const start = Effect.fn("Supervisor.start")(function* (means: Means, ward: Ward.Ward, spec: ProcessSpec) {
  const { options, bounds, kernel } = means
  // Who cannot be told from others by start and boot could never be stopped safely.
  if (kernel.bootId === null)
    return yield* new BootError({ reason: "this host has no /proc, and without it no process is kept" })
  const [environment] = yield* Effect.all([environmentOf(means, ward, spec), bootCheck(spec, options.scriptRoots)], {
    concurrency: "unbounded",
  })
  const directory = yield* LifeDirectory.prepare(options.dataDirectory, ward.life).pipe(
    Effect.mapError((error) => new BootError({ reason: `the data directory: ${error.reason}` })),
  )
  const shim = yield* Shim.launch(
    options.shim,
    {
      directory,
      logPath: spec.logPath ?? LifeDirectory.defaultLog(options.dataDirectory, ward.life.process),
      rotateBytes: bounds.rotateBytes,
      rotateCount: bounds.rotateCount,
      workingDirectory: spec.workingDirectory,
      argv: spec.argv,
      environment,
    },
    () => Ward.awaken(ward),
  )
  return yield* firstWord(ward, shim.isAlive).pipe(
    Effect.timeoutFail({
      duration: bounds.bootMillis,
      onTimeout: () => new BootError({ reason: `the shim said nothing for ${bounds.bootMillis} ms` }),
    }),
    // Without an identity nobody could ever stop it.
    Effect.tapError(() => Effect.sync(shim.kill)),
  )
})

/** What was asked for goes over what the agent has; a marker goes over both. */
const environmentOf = (means: Means, ward: Ward.Ward, spec: ProcessSpec) => {
  const { process } = ward.life
  const asked = spec.env === null ? Effect.succeed(null) : means.secretsOf(process)
  return asked.pipe(
    Effect.mapError((error) => new BootError({ reason: `the environment could not be read: ${error.reason}` })),
    Effect.map((secrets) => {
      const merged = { ...means.options.environment, ...secrets, [markerName]: process }
      return Object.fromEntries(
        Object.entries(merged).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      )
    }),
  )
}

const firstWord = Effect.fn("Supervisor.firstWord")(function* (ward: Ward.Ward, isAlive: () => boolean) {
  while (true) {
    yield* Ward.pause(ward, lookMillis)
    // Asked before the records are read: a shim that has ended writes nothing more.
    const alive = isAlive()
    const word = yield* recordedWord(ward.directory)
    if (word !== null) return word
    if (!alive) return yield* new BootError({ reason: "the shim ended without a word" })
  }
})

/** Who runs, once that is recorded; fails with what the shim had to say instead; null while it has said neither. */
export const recordedWord = Effect.fn("Supervisor.recordedWord")(function* (directory: string) {
  const identity = yield* LifeDirectory.identity(directory)
  if (identity !== null) return identity
  const failure = yield* LifeDirectory.failure(directory)
  return failure === null ? null : yield* new BootError({ reason: LifeDirectory.sentenceOf(failure) })
})
