// The table of formats that a range of the log is written in.

import type { Format } from "./Format.ts"
import { perfetto } from "./perfetto/writePerfetto.ts"
import { writeSession } from "./writeSession.ts"

export const ndjson: Format = {
  name: "ndjson",
  contentType: "application/x-ndjson",
  extension: ".ndjson",
  summary: "a session file, which open, replay, explain and verify take",
  write: writeSession,
}

export const formats: ReadonlyArray<Format> = [ndjson, perfetto]

/** undefined when there is none of that name. */
export const formatNamed = (name: string): Format | undefined => formats.find((format) => format.name === name)

/** "ndjson, perfetto or csv" */
export const formatNames = (): string =>
  formats
    .map(({ name }) => name)
    .join(", ")
    .replace(/, (?=[^,]*$)/, " or ")
