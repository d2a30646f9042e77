// Flows as files beside the routines, `NAME.flow.yaml` or `.json`: what they say is defined at the start, and again when they change.

import { readFile, stat } from "node:fs/promises"
import path from "node:path"
import { Effect, Either } from "effect"
import type { FlowDefinition } from "../../domain/events/FlowEvents.ts"
import { readText } from "../../domain/flows/dslText.ts"

const ending = /\.flow\.(ya?ml|json)$/

export const isFlow = (file: string): boolean => ending.test(file)

/** How each file was when it was looked at last; a file that is gone stays as it was. */
export type Looks = Map<string, string>

/** Those that are new or have changed since. */
export const changed = (files: ReadonlyArray<string>, looks: Looks): Effect.Effect<ReadonlyArray<string>> =>
  Effect.filter(files, (file) =>
    Effect.map(lookAt(file), (look) => {
      const isNew = look !== null && looks.get(file) !== look
      if (isNew) looks.set(file, look)
      return isNew
    }),
  )

const lookAt = (file: string): Effect.Effect<string | null> =>
  Effect.tryPromise(() => stat(file)).pipe(
    Effect.map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`),
    Effect.orElseSucceed(() => null),
  )

export interface FlowFile {
  readonly flow: string
  readonly definition: FlowDefinition
}

/** A flow that does not name itself has its file's name. */
export const readFlow = (file: string): Effect.Effect<FlowFile, string> =>
  Effect.gen(function* () {
    const text = yield* Effect.tryPromise({ try: () => readFile(file, "utf8"), catch: String })
    const { flow, definition } = yield* Either.mapLeft(readText(text), (issues) => issues.join("; "))
    return { flow: flow ?? path.basename(file).replace(ending, ""), definition }
  })
