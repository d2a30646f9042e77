// From a text to its tree: a Pratt parser over a table of binding powers. Throws ConditionRefused.

import { ConditionRefused } from "./ConditionRefused.ts"
import { arities } from "./arities.ts"
import { limits } from "./limits.ts"
import { type BinaryOperator, childrenOf, type Comparison, type Term } from "./Term.ts"
import { type Token, tokenize } from "./tokenize.ts"

/** How tightly each binds, loosest first. `**` binds its right side looser than a sign, so that 2 ** -1 is said without brackets. */
const powers = { or: 1, and: 2, not: 3, comparison: 4, sum: 5, product: 6, sign: 7, power: 8, postfix: 9 } as const

const binaries: Readonly<Record<string, { readonly power: number; readonly right: number }>> = {
  "+": { power: powers.sum, right: powers.sum + 1 },
  "-": { power: powers.sum, right: powers.sum + 1 },
  "*": { power: powers.product, right: powers.product + 1 },
  "/": { power: powers.product, right: powers.product + 1 },
  "//": { power: powers.product, right: powers.product + 1 },
  "%": { power: powers.product, right: powers.product + 1 },
  "**": { power: powers.power, right: powers.sign },
}

const comparisons = new Set(["==", "!=", "<", "<=", ">", ">=", "in", "not", "is"])

interface Reader {
  readonly tokens: ReadonlyArray<Token>
  next: number
  nesting: number
  nodes: number
}

export const parse = (text: string): Term => {
  const reader: Reader = { tokens: tokenize(text), next: 0, nesting: 0, nodes: 0 }
  if (peek(reader).kind === "end") refuse(0, "it is empty")
  const node = expression(reader, 0)
  const rest = peek(reader)
  if (rest.kind !== "end") refuse(rest.at, `${shown(rest)} does not fit here`)
  return node
}

const expression = (reader: Reader, minimum: number): Term => {
  reader.nesting++
  if (reader.nesting > limits.depth) refuse(peek(reader).at, `nested deeper than ${limits.depth}`)
  let left = prefix(reader, minimum)
  while (true) {
    const further = infix(reader, left, minimum)
    if (further === null) break
    left = further
  }
  reader.nesting--
  return left
}

const prefix = (reader: Reader, minimum: number): Term => {
  const token = take(reader)
  if (token.kind === "constant") return grown(reader, { kind: "constant", at: token.at, value: token.value })
  if (token.kind === "name") return nameOrCall(reader, token.text, token.at)
  if (token.kind === "end") return refuse(token.at, "it ends too early")
  switch (token.text) {
    case "not":
      if (minimum > powers.not) return refuse(token.at, "not needs brackets around it here")
      return grown(reader, { kind: "not", at: token.at, operand: expression(reader, powers.not) })
    case "+":
    case "-":
      return grown(reader, {
        kind: "unary",
        at: token.at,
        operator: token.text,
        operand: expression(reader, powers.sign),
      })
    case "(":
      return brackets(reader, token.at)
    case "[":
      return grown(reader, { kind: "list", at: token.at, items: operands(reader, "]") })
    default:
      return refuse(token.at, `${shown(token)} does not fit here`)
  }
}

/** A name before a bracket is a function, and only those of the table are there. */
const nameOrCall = (reader: Reader, name: string, at: number): Term => {
  if (!accept(reader, "(")) return grown(reader, { kind: "name", at, name })
  const arity = arities.get(name)
  if (arity === undefined) {
    return refuse(at, `${name} is no function of conditions (${Array.from(arities.keys()).join(", ")})`)
  }
  const given = operands(reader, ")")
  if (given.length < arity.least || given.length > arity.most) {
    return refuse(at, `${name} takes ${arity.said}, not ${given.length}`)
  }
  return grown(reader, { kind: "call", at, name, operands: given })
}

const brackets = (reader: Reader, at: number): Term => {
  if (accept(reader, ")")) return grown(reader, { kind: "tuple", at, items: [] })
  const first = expression(reader, 0)
  if (accept(reader, ")")) return first
  expect(reader, ",")
  return grown(reader, { kind: "tuple", at, items: [first, ...operands(reader, ")")] })
}

/** Up to the closing bracket; a comma may stand before it. */
const operands = (reader: Reader, closing: ")" | "]"): ReadonlyArray<Term> => {
  const found: Array<Term> = []
  while (!accept(reader, closing)) {
    found.push(expression(reader, 0))
    if (accept(reader, closing)) break
    expect(reader, ",")
  }
  return found
}

const infix = (reader: Reader, left: Term, minimum: number): Term | null => {
  const token = peek(reader)
  if (token.kind !== "sign") return null
  const { text, at } = token
  if (text === "[" || text === "." || text === "(") return postfix(reader, left, text, at)
  if (text === "and" || text === "or") return powers[text] < minimum ? null : junction(reader, left, text)
  if (comparisons.has(text)) return powers.comparison < minimum ? null : comparing(reader, left)
  const binary = binaries[text]
  if (binary === undefined || binary.power < minimum) return null
  take(reader)
  const right = expression(reader, binary.right)
  return grown(reader, { kind: "binary", at, operator: text as BinaryOperator, left, right })
}

const junction = (reader: Reader, first: Term, kind: "and" | "or"): Term => {
  const found = [first]
  while (accept(reader, kind)) found.push(expression(reader, powers[kind] + 1))
  return grown(reader, { kind, at: first.at, operands: found })
}

const comparing = (reader: Reader, first: Term): Term => {
  const rest: Array<{ readonly operator: Comparison; readonly operand: Term }> = []
  while (true) {
    const token = peek(reader)
    if (token.kind !== "sign" || !comparisons.has(token.text)) break
    const operator = comparison(reader)
    const operand = expression(reader, powers.comparison + 1)
    const isSingle = operand.kind === "constant" && (operand.value === null || typeof operand.value === "boolean")
    if (operator.startsWith("is") && !isSingle) refuse(operand.at, `${operator} compares with None, True or False only`)
    rest.push({ operator, operand })
  }
  return grown(reader, { kind: "compare", at: first.at, first, rest })
}

const comparison = (reader: Reader): Comparison => {
  const token = take(reader)
  if (token.kind !== "sign") return refuse(token.at, "no comparison")
  if (token.text === "not") {
    expect(reader, "in")
    return "not in"
  }
  if (token.text === "is" && accept(reader, "not")) return "is not"
  return token.text as Comparison
}

const postfix = (reader: Reader, object: Term, sign: "[" | "." | "(", at: number): Term => {
  take(reader)
  if (sign === "[") return subscript(reader, object, at)
  if (sign === "(") return refuse(at, "only functions by name and .get() can be called")
  const name = take(reader)
  if (name.kind !== "name" || name.text !== "get") return refuse(name.at, "there are no attributes, only .get(key)")
  expect(reader, "(")
  const [key, otherwise, ...more] = operands(reader, ")")
  if (key === undefined || more.length > 0) return refuse(name.at, "get takes a key and perhaps a default")
  return grown(reader, { kind: "get", at, object, key, otherwise: otherwise ?? null })
}

const subscript = (reader: Reader, object: Term, at: number): Term => {
  const part = () => (isSign(reader, ":") || isSign(reader, "]") ? null : expression(reader, 0))
  const start = part()
  if (!accept(reader, ":")) {
    expect(reader, "]")
    return start === null
      ? refuse(at, "an index is missing")
      : grown(reader, { kind: "index", at, object, index: start })
  }
  const stop = part()
  const step = accept(reader, ":") ? part() : null
  expect(reader, "]")
  return grown(reader, { kind: "slice", at, object, start, stop, step })
}

type Ungrown = Term extends infer One ? (One extends Term ? Omit<One, "depth"> : never) : never

const grown = (reader: Reader, node: Ungrown): Term => {
  reader.nodes++
  if (reader.nodes > limits.nodes) refuse(node.at, `made of more than ${limits.nodes} parts`)
  const depth = 1 + depthBelow(node)
  if (depth > limits.depth) refuse(node.at, `nested deeper than ${limits.depth}`)
  return Object.assign(node, { depth })
}

const depthBelow = (node: Ungrown): number =>
  childrenOf(node as Term).reduce((most, child) => Math.max(most, child.depth), 0)

const peek = (reader: Reader): Token => reader.tokens[reader.next] ?? { kind: "end", at: 0, text: "" }

const take = (reader: Reader): Token => {
  const token = peek(reader)
  if (token.kind !== "end") reader.next++
  return token
}

const isSign = (reader: Reader, text: string): boolean => {
  const token = peek(reader)
  return token.kind === "sign" && token.text === text
}

const accept = (reader: Reader, text: string): boolean => {
  const found = isSign(reader, text)
  if (found) reader.next++
  return found
}

const expect = (reader: Reader, text: string): void => {
  const token = peek(reader)
  if (!accept(reader, text)) refuse(token.at, `${text} is expected, not ${shown(token)}`)
}

const shown = (token: Token): string => {
  if (token.kind === "end") return "the end"
  return token.kind === "constant" ? "a value" : token.text
}

const refuse = (position: number, reason: string): never => {
  throw new ConditionRefused({ position, reason })
}
