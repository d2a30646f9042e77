// A rule as somebody wrote it, held against its shape and against sense.

import { Either, ParseResult, Schema } from "effect"
import { knownTypes } from "../Event.ts"
import { AlertRule, faultIn } from "./AlertRule.ts"

const decode = Schema.decodeUnknownEither(AlertRule, { onExcessProperty: "error" })
const eventTypes: ReadonlySet<string> = new Set(knownTypes)

/** On the left, what is wrong with it and what would be right. */
export const read = (written: unknown): Either.Either<AlertRule, string> =>
  decode(written).pipe(
    Either.mapLeft(ParseResult.TreeFormatter.formatErrorSync),
    Either.flatMap((rule) => {
      const fault = faultIn(rule, eventTypes)
      return fault === null ? Either.right(rule) : Either.left(fault)
    }),
  )
