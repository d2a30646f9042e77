// The functions that a condition may call, and how many operands each takes.

interface Arity {
  readonly least: number
  readonly most: number
  readonly said: string
}

const many = Number.POSITIVE_INFINITY
const one: Arity = { least: 1, most: 1, said: "one operand" }
const oneAtMost: Arity = { least: 0, most: 1, said: "one operand at most" }
const oneOrTwo: Arity = { least: 1, most: 2, said: "one or two operands" }
const oneOrMore: Arity = { least: 1, most: many, said: "one operand or more" }

export const arities: ReadonlyMap<string, Arity> = new Map([
  ["len", one],
  ["str", oneAtMost],
  ["int", oneAtMost],
  ["float", oneAtMost],
  ["bool", oneAtMost],
  ["min", oneOrMore],
  ["max", oneOrMore],
  ["sum", oneOrTwo],
  ["abs", one],
  ["any", one],
  ["all", one],
  ["round", oneOrTwo],
])
