// A condition: a restricted Python expression, checked when it is set and evaluated without the host language.

import { Either } from "effect"
import type { Spend } from "./compare.ts"
import { ConditionRefused } from "./ConditionRefused.ts"
import { EvaluationError } from "./EvaluationError.ts"
import { evaluate, purse, type Scope } from "./evaluate.ts"
import { limits } from "./limits.ts"
import { childrenOf, type Term } from "./Term.ts"
import { parse } from "./parse.ts"
import { isTrue, type Value } from "./Value.ts"

export interface Condition {
  readonly text: string
  readonly node: Term
}

/** The static check: syntax, names of functions, bounds, and constant parts that could never be computed. */
export const compile = (text: string): Either.Either<Condition, ConditionRefused> =>
  Either.try({
    try: () => {
      const node = parse(text)
      checkConstants(node, purse(limits.constantSteps))
      return { text, node }
    },
    catch: (error) => {
      if (error instanceof ConditionRefused) return error
      throw error
    },
  })

/** The value, or what stopped it. */
export const valueOf = (condition: Condition, scope: Scope): Either.Either<Value, EvaluationError> =>
  Either.try({
    try: () => evaluate(condition.node, scope),
    catch: (error) => {
      if (error instanceof EvaluationError) return error
      throw error
    },
  })

/** A missing key or name, a type that does not fit, a bound that is passed: all of them mean no. */
export const holds = (condition: Condition, scope: Scope): boolean =>
  Either.match(valueOf(condition, scope), { onLeft: () => false, onRight: isTrue })

/** What is made of constants alone is computed now: 9 ** 9 ** 9 is refused before any job could reach it. */
const checkConstants = (node: Term, spend: Spend): boolean => {
  const children = childrenOf(node).map((child) => checkConstants(child, spend))
  const isConstant = node.kind !== "name" && children.every((each) => each)
  if (!isConstant || (node.kind !== "binary" && node.kind !== "call")) return isConstant
  try {
    evaluate(node, () => undefined, spend)
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error
    if (error.kind === "limit") throw new ConditionRefused({ position: node.at, reason: error.message })
  }
  return true
}
