// What can be known to be wrong with a boot before anything is started, in the words that the caller reads.

import { constants } from "node:fs"
import { access, realpath, stat } from "node:fs/promises"
import path from "node:path"
import { Data, Effect } from "effect"
import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"

export class BootError extends Data.TaggedError("BootError")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

type Checked = Pick<ProcessSpec, "argv" | "steps" | "workingDirectory" | "scriptPath" | "logPath">

/** Roots that do not exist allow nothing. */
export const bootCheck = (spec: Checked, scriptRoots: ReadonlyArray<string>): Effect.Effect<void, BootError> =>
  Effect.gen(function* () {
    const { scriptPath, workingDirectory } = spec
    if (scriptPath === null) return yield* directory(workingDirectory)
    const known = script(scriptPath, workingDirectory, scriptRoots)
    // Side by side, and the first complaint in this order is the answer: the same one each time.
    const outcomes = yield* Effect.all([directory(workingDirectory), known], {
      concurrency: "unbounded",
      mode: "either",
    })
    for (const outcome of outcomes) yield* outcome
  })

/** Whatever is to be run, wherever. */
export const noNul = (spec: Checked) => {
  const found =
    (spec.scriptPath?.includes("\0") && "the script path") ||
    (spec.workingDirectory.includes("\0") && "the working directory") ||
    (spec.logPath?.includes("\0") && "the log path") ||
    ([spec.argv, ...(spec.steps ?? [])].flat().some((argument) => argument.includes("\0")) && "an argument")
  return found ? new BootError({ reason: `${found} contains a NUL byte` }) : Effect.void
}

const directory = (asked: string): Effect.Effect<void, BootError> =>
  attempt(
    () => stat(asked),
    (code) => (isMissing(code) ? `working directory not found: ${asked}` : `working directory: ${code}: ${asked}`),
  ).pipe(
    Effect.filterOrFail(
      (entry) => entry.isDirectory(),
      () => new BootError({ reason: `working directory is not a directory: ${asked}` }),
    ),
    Effect.asVoid,
  )

const script = Effect.fn("bootCheck.script")(function* (
  asked: string,
  workingDirectory: string,
  scriptRoots: ReadonlyArray<string>,
) {
  const told = (code: string) =>
    isMissing(code)
      ? `script not found: ${asked}`
      : code === "EACCES"
        ? `script is not readable: ${asked}`
        : `script: ${code}: ${asked}`
  const named = path.resolve(workingDirectory, asked)
  const [real, roots] = yield* Effect.all(
    [Effect.either(attempt(() => realpath(named), told)), realRoots(scriptRoots)],
    {
      concurrency: "unbounded",
    },
  )
  // Outside the roots nothing is said of a file, not even that it is missing.
  const isAllowed =
    real._tag === "Right" ? roots.some((root) => isBelow(root, real.right)) : isNamedBelow(scriptRoots, roots, named)
  if (!isAllowed) return yield* new BootError({ reason: `script lies outside the allowed roots: ${asked}` })
  if (real._tag === "Left") return yield* real.left
  const entry = yield* attempt(() => stat(real.right), told)
  if (!entry.isFile()) return yield* new BootError({ reason: `script is not a regular file: ${asked}` })
  yield* attempt(() => access(real.right, constants.R_OK), told)
})

const realRoots = (roots: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
  Effect.forEach(roots, (root) => Effect.option(Effect.tryPromise(() => realpath(root))), {
    concurrency: "unbounded",
  }).pipe(Effect.map((found) => found.flatMap((root) => (root._tag === "Some" ? [root.value] : []))))

/** Of a file that is not there only the name can be judged, against a root as it is written or as it resolves. */
const isNamedBelow = (roots: ReadonlyArray<string>, real: ReadonlyArray<string>, named: string): boolean =>
  [...roots.map((root) => path.resolve(root)), ...real].some((root) => isBelow(root, named))

const isBelow = (root: string, file: string): boolean => {
  const relative = path.relative(root, file)
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
}

const isMissing = (code: string): boolean => code === "ENOENT" || code === "ENOTDIR"

const attempt = <A>(run: () => Promise<A>, told: (code: string) => string): Effect.Effect<A, BootError> =>
  Effect.tryPromise({
    try: run,
    catch: (error) =>
      new BootError({
        reason: told(
          error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : String(error),
        ),
      }),
  })
