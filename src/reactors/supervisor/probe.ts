// Asks a process how it is: by a program, over HTTP, or by what it wrote. Tells when it is ready, and when it no longer answers.

import { Effect, Stream } from "effect"
import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"
import type { Probe } from "../../domain/events/ProcessTerms.ts"
import type { Means } from "./Means.ts"
import * as OutputFiles from "./OutputFiles.ts"
import * as Ward from "./Ward.ts"

/** Of a program's or a server's complaint, so much is told. */
const reasonChars = 300
const linesLooked = 10_000

/** Runs for as long as the process: first until it is ready, then for as long as it lives. */
export const probe = Effect.fn("Supervisor.probe")(function* (
  means: Means,
  ward: Ward.Ward,
  { spec, ready }: { readonly spec: ProcessSpec; readonly ready: boolean },
) {
  const { process } = ward.life
  if (spec.readiness !== undefined && !ready) {
    const { readiness } = spec
    yield* look(means, ward, spec, readiness).pipe(
      Effect.flatMap((reason) =>
        reason === null ? Effect.succeed(true) : Effect.delay(Effect.succeed(false), readiness.intervalMillis),
      ),
      Effect.repeat({ until: (isReady) => isReady }),
    )
    yield* means.report({ _tag: "RecordReady", id: Ward.freshId(), process })
  }
  if (spec.liveness === undefined) return
  const { liveness } = spec
  for (let inARow = 0; inARow < liveness.failures;) {
    yield* Effect.sleep(liveness.intervalMillis)
    const reason = yield* look(means, ward, spec, liveness)
    inARow = reason === null ? 0 : inARow + 1
    if (inARow < liveness.failures || reason === null) continue
    yield* means.report({
      _tag: "RecordUnresponsive",
      id: Ward.freshId(),
      process,
      reason: reason.slice(0, reasonChars),
    })
  }
})

/** Null when it is well. */
const look = (means: Means, ward: Ward.Ward, spec: ProcessSpec, asked: Probe): Effect.Effect<string | null> => {
  const answer = { exec: byProgram, http: byRequest, log: byOutput }[asked.kind] as Look
  return answer(means, ward, spec, asked).pipe(
    Effect.timeoutTo({
      duration: asked.timeoutMillis,
      onSuccess: (reason) => reason,
      onTimeout: () => `no answer within ${asked.timeoutMillis} ms`,
    }),
  )
}

type Look = (means: Means, ward: Ward.Ward, spec: ProcessSpec, asked: Probe) => Effect.Effect<string | null>
type Of<Kind extends Probe["kind"]> = Extract<Probe, { kind: Kind }>

const byProgram = (means: Means, _ward: Ward.Ward, spec: ProcessSpec, { argv, timeoutMillis }: Of<"exec">) =>
  Effect.promise(async (cancelSignal) => {
    const [file, ...args] = argv
    const { execa } = await import("execa")
    const { exitCode, failed, stderr } = await execa(file, args, {
      cwd: spec.workingDirectory,
      env: means.options.environment,
      extendEnv: false,
      reject: false,
      timeout: timeoutMillis,
      cancelSignal,
      stdin: "ignore",
      maxBuffer: 64 * 1024,
    })
    return failed ? `${file} ended with ${exitCode ?? "a signal"}${stderr === "" ? "" : `: ${stderr}`}` : null
  })

const byRequest = (_means: Means, _ward: Ward.Ward, _spec: ProcessSpec, { url }: Of<"http">) =>
  Effect.tryPromise(async (signal) => {
    const answer = await fetch(url, { signal, redirect: "manual" })
    await answer.body?.cancel()
    return answer.status >= 200 && answer.status < 400 ? null : `${url} answers ${answer.status}`
  }).pipe(Effect.catchAll(() => Effect.succeed(`nothing answers at ${url}`)))

const byOutput = (means: Means, ward: Ward.Ward, spec: ProcessSpec, { text }: Of<"log">) =>
  OutputFiles.make(means.options.dataDirectory)
    .lines({ process: { id: ward.life.process, spec }, last: linesLooked, until: null })
    .pipe(
      Stream.runFold(false, (found, lines) => found || lines.some((line) => line.includes(text))),
      Effect.match({
        onFailure: ({ reason }) => reason,
        onSuccess: (found) => (found ? null : `no line of its output holds ${JSON.stringify(text)}`),
      }),
    )
