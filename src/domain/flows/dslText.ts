// A flow's text: YAML, of which JSON is a part.

import { Either } from "effect"
import { parseDocument, stringify } from "yaml"
import type { FlowDefinition } from "../events/FlowEvents.ts"
import { read, write, type Written } from "./dsl.ts"

const maxCharacters = 1024 * 1024
/** Names for parts of a document can make a small text a huge value. */
const maxAliases = 100

export const readText = (text: string): Either.Either<Written, ReadonlyArray<string>> => {
  if (text.length > maxCharacters) return Either.left([`the text is longer than ${maxCharacters} characters`])
  const document = parseDocument(text, { logLevel: "silent", uniqueKeys: true, merge: false })
  const [error] = document.errors
  if (error !== undefined) return Either.left([error.message.split("\n")[0] ?? error.code])
  return Either.flatMap(
    Either.try({
      try: (): unknown => document.toJS({ maxAliasCount: maxAliases }),
      catch: (thrown) => [thrown instanceof Error ? thrown.message : String(thrown)],
    }),
    read,
  )
}

export const writeText = (flow: string, definition: FlowDefinition, format: "yaml" | "json"): string => {
  const written = write(flow, definition)
  return format === "json" ? JSON.stringify(written, null, 2) : stringify(written)
}
