// The routine programs of a folder: each `NAME.routine.json` describes one; a Python file describes itself through the helper.

import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { Effect, Either, Schema } from "effect"
import type { RoutineClass } from "../../../domain/events/FlowEvents.ts"
import type { Program } from "./Program.ts"

const SlotText = Schema.Struct({
  merge: Schema.optionalWith(Schema.Literal("override", "append"), { default: () => "override" }),
  line: Schema.optionalWith(Schema.NullOr(Schema.Int), { default: () => null }),
})
const ClassText = Schema.Struct({
  name: Schema.String,
  slots: Schema.Record({ key: Schema.String, value: SlotText }),
  events: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] }),
  repeatable: Schema.optionalWith(Schema.Boolean, { default: () => false }),
})
const Described = Schema.Struct({ classes: Schema.Array(ClassText) })
/** A program by its command line; a path that begins with a dot is one of the folder's. */
const Manifest = Schema.Struct({ ...Described.fields, command: Schema.NonEmptyArray(Schema.String) })

export interface Found {
  readonly programs: ReadonlyArray<Program>
  readonly errors: ReadonlyArray<{ readonly file: string; readonly reason: string }>
}

export interface Python {
  readonly command: string
  /** The helper, which serves the classes of a file. */
  readonly helper: string
}

const describeMillis = 10_000
const maxDescription = 1024 * 1024

export const isProgram = (file: string): boolean => file.endsWith(".routine.json") || file.endsWith(".py")

export const findPrograms = (files: ReadonlyArray<string>, python: Python | null): Effect.Effect<Found> =>
  Effect.map(
    Effect.forEach(
      files.filter((file) => isProgram(file) && (python !== null || !file.endsWith(".py"))),
      (file) =>
        Effect.either(file.endsWith(".py") && python !== null ? ofPython(file, python) : ofManifest(file)).pipe(
          Effect.map((outcome) => ({ file, outcome })),
        ),
      { concurrency: 4 },
    ),
    (all) => ({
      programs: all.flatMap(({ outcome }) => (Either.isRight(outcome) ? [outcome.right] : [])),
      errors: all.flatMap(({ file, outcome }) => (Either.isLeft(outcome) ? [{ file, reason: outcome.left }] : [])),
    }),
  )

const ofManifest = (file: string): Effect.Effect<Program, string> =>
  Effect.gen(function* () {
    const text = yield* Effect.tryPromise({ try: () => readFile(file, "utf8"), catch: String })
    const manifest = yield* Schema.decodeUnknown(Schema.parseJson(Manifest))(text).pipe(
      Effect.mapError(({ message }) => message),
    )
    const workingDirectory = path.dirname(file)
    const [command, ...args] = manifest.command
    const program = command.startsWith(".") ? path.resolve(workingDirectory, command) : command
    return { file, argv: [program, ...args], workingDirectory, classes: manifest.classes.map(classOf(file)) }
  })

const ofPython = (file: string, { command, helper }: Python): Effect.Effect<Program, string> =>
  Effect.gen(function* () {
    const text = yield* described(command, [helper, "--describe", file])
    const { classes } = yield* Schema.decodeUnknown(Schema.parseJson(Described))(text).pipe(
      Effect.mapError(({ message }) => message),
    )
    const workingDirectory = path.dirname(file)
    return { file, argv: [command, helper, "--serve", file], workingDirectory, classes: classes.map(classOf(file)) }
  })

const classOf =
  (file: string) =>
  (one: typeof ClassText.Type): RoutineClass => ({ ...one, kind: "program", file })

const described = (command: string, args: ReadonlyArray<string>): Effect.Effect<string, string> =>
  Effect.async((resume, signal) => {
    const options = {
      timeout: describeMillis,
      maxBuffer: maxDescription,
      signal,
      env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    }
    execFile(command, [...args], options, (error, stdout, stderr) => {
      resume(error === null ? Effect.succeed(stdout) : Effect.fail(stderr.trim().slice(-1000) || error.message))
    })
  })
