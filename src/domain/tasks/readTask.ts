// A task as it is posted to /tasks or sent over the broker, in Go's names or Rust's.

import { Either, Schema } from "effect"
import type { ProcessId } from "../Brands.ts"
import type { TaskDefinition } from "../events/TaskEvents.ts"
import { faultIn, redacted } from "../processes/environment.ts"
import * as Profile from "./Profile.ts"

export interface Given {
  /** Ids for what comes without. */
  readonly task: string
  readonly process: ProcessId
  readonly profile: Profile.ProfileName
  /** Another interval than that profile's own, s. */
  readonly profileInterval: number | null
  /** Environment variables whose values may stand in the log. */
  readonly shownNames: ReadonlyArray<string>
}

export interface TaskAsked {
  readonly definition: TaskDefinition
  readonly environment: Readonly<Record<string, string>> | null
  readonly start: boolean
}

const text = (most: number) => Schema.String.pipe(Schema.maxLength(most), Schema.pattern(/^[^\0]*$/))

const Asked = Schema.Struct({
  id: Schema.optional(Schema.String.pipe(Schema.pattern(/^[^\p{Cc}/]{1,200}$/u))),
  name: Schema.optional(text(200)),
  functionName: Schema.optional(text(200)),
  file: Schema.optional(Schema.NullOr(Schema.String)),
  image_url: Schema.optional(Schema.String),
  imageURL: Schema.optional(Schema.String),
  inputs: Schema.optional(Schema.NullOr(Schema.Array(Schema.Number))),
  cli_args: Schema.optional(Schema.NullOr(Schema.Array(text(100_000)))),
  env: Schema.optional(Schema.NullOr(Schema.Record({ key: Schema.String, value: Schema.Unknown }))),
  daemon: Schema.optional(Schema.Boolean),
  start: Schema.optional(Schema.Boolean),
  monitoring_profile: Schema.optional(Schema.Unknown),
  monitoringProfile: Schema.optional(Schema.Unknown),
})
const decode = Schema.decodeUnknownEither(Asked)

/** How every WebAssembly module begins, in base64. */
const moduleBegins = "AGFzbQ"

/** Fields of other versions are passed over, as Propeller does. On the left, what is wrong and what would be right. */
export const read = (written: unknown, given: Given): Either.Either<TaskAsked, string> =>
  Either.gen(function* () {
    const asked = yield* Either.mapLeft(decode(written), ({ message }) => message)
    const program = yield* programOf(asked)
    const daemon = asked.daemon ?? false
    const asProfile = asked.monitoring_profile ?? asked.monitoringProfile
    const profile = yield* Profile.read(asProfile, Profile.usual(given.profile, daemon, given.profileInterval))
    const environment = yield* environmentOf(asked.env ?? null)
    const name = asked.name ?? asked.functionName ?? asked.id ?? "task"
    return {
      definition: {
        task: asked.id ?? given.task,
        process: given.process,
        name,
        ...program,
        function: asked.functionName ?? name,
        inputs: asked.inputs ?? [],
        arguments: asked.cli_args ?? [],
        env: environment === null ? null : redacted(environment, given.shownNames),
        daemon,
        profile,
      },
      environment,
      start: asked.start ?? true,
    }
  })

const programOf = ({
  file,
  image_url,
  imageURL,
}: typeof Asked.Type): Either.Either<Pick<TaskDefinition, "file" | "module">, string> => {
  if (file === undefined || file === null || file === "") {
    return (image_url ?? imageURL) === undefined
      ? Either.left("file is missing: a path below the script roots, or a WebAssembly module in base64")
      : Either.left(
          "no registry is reached from here: instead of an image give file, a path below the script roots or a WebAssembly module in base64",
        )
  }
  if (file.includes("\0")) return Either.left("file holds a NUL; no path can")
  if (!file.startsWith(moduleBegins)) return Either.right({ file, module: null })
  return /^[A-Za-z0-9+/]+={0,2}$/.test(file)
    ? Either.right({ file: null, module: file })
    : Either.left("file begins as a WebAssembly module in base64 does, and is not base64 to its end")
}

const environmentOf = (env: Readonly<Record<string, unknown>> | null) => {
  if (env === null) return Either.right(null)
  const fault = faultIn(env)
  return fault === null ? Either.right(env as Readonly<Record<string, string>>) : Either.left(`env ${fault}`)
}
