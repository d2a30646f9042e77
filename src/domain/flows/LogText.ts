// The text of a logpoint, with expressions in braces: "value is {data['value']}". Two braces stand for one.

import { Either } from "effect"
import * as Condition from "../conditions/Condition.ts"
import { ConditionRefused } from "../conditions/ConditionRefused.ts"
import type { Scope } from "../conditions/evaluate.ts"
import { str } from "../conditions/text.ts"

type Part = { readonly text: string } | { readonly condition: Condition.Condition }

export type LogText = ReadonlyArray<Part>

/** Shown for what could not be computed. */
const unknown = "?"
const maxCharacters = 1000

export const compile = (text: string): Either.Either<LogText, ConditionRefused> => {
  const parts: Array<Part> = []
  const pattern = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g
  let from = 0
  for (const match of text.matchAll(pattern)) {
    parts.push({ text: text.slice(from, match.index) })
    from = match.index + match[0].length
    const expression = match[1]
    if (expression === undefined) {
      if (match[0].length === 1) {
        return Either.left(new ConditionRefused({ position: match.index, reason: `${match[0]} has no partner` }))
      }
      parts.push({ text: match[0].slice(1) })
      continue
    }
    const condition = Condition.compile(expression)
    if (Either.isLeft(condition)) {
      const { position, reason } = condition.left
      return Either.left(new ConditionRefused({ position: match.index + 1 + position, reason }))
    }
    parts.push({ condition: condition.right })
  }
  parts.push({ text: text.slice(from) })
  return Either.right(parts)
}

export const fill = (parts: LogText, scope: Scope): string =>
  parts
    .map((part) => ("text" in part ? part.text : shown(part.condition, scope)))
    .join("")
    .slice(0, maxCharacters)

const shown = (condition: Condition.Condition, scope: Scope): string =>
  Either.match(Condition.valueOf(condition, scope), {
    onLeft: () => unknown,
    // What is long is cut anyway; what it costs to write is bounded by the payload's size.
    onRight: (value) => str(value, () => undefined),
  })
