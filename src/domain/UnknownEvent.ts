// An event of a newer writer, kept whole: shown and exported untouched, and passed by in every fold.

import { Schema } from "effect"

export const UnknownEvent = Schema.TaggedStruct("Unknown", {
  type: Schema.String,
  data: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
})
export type UnknownEvent = typeof UnknownEvent.Type
