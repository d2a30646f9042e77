// The value of a tree under a scope: one function a kind of node, counted in steps. Throws EvaluationError.

import { binary, unary } from "./arithmetic.ts"
import { compare, hashable, type Spend } from "./compare.ts"
import { EvaluationError } from "./EvaluationError.ts"
import { functions } from "./functions.ts"
import { limits } from "./limits.ts"
import type { Call, Comparing, Display, Get, Index, Junction, Term, Slice } from "./Term.ts"
import { characters, entry, fromJson, isTrue, itemAt, type Sequence, typeName, type Value, whole } from "./Value.ts"

/** What a name stands for, as JSON; undefined when nothing has that name. */
export type Scope = (name: string) => unknown

interface Run {
  readonly scope: Scope
  readonly spend: Spend
}

export const evaluate = (node: Term, scope: Scope, spend: Spend = purse(limits.steps)): Value =>
  value(node, { scope, spend })

/** Pays for so many steps and no more. */
export const purse = (steps: number): Spend => {
  let left = steps
  return (spent) => {
    left -= spent
    if (left < 0) throw new EvaluationError("limit", `it takes more than ${steps} steps`)
  }
}

const value = (node: Term, run: Run): Value => {
  run.spend(1)
  switch (node.kind) {
    case "constant":
      return node.value
    case "name":
      return named(node.name, run)
    case "not":
      return !isTrue(value(node.operand, run))
    case "and":
    case "or":
      return junction(node, run)
    case "compare":
      return comparing(node, run)
    case "unary":
      return unary(node.operator, value(node.operand, run))
    case "binary":
      return binary(node.operator, value(node.left, run), value(node.right, run), run.spend)
    case "index":
      return indexed(node, run)
    case "slice":
      return sliced(node, run)
    case "get":
      return got(node, run)
    case "call":
      return called(node, run)
    case "list":
    case "tuple":
      return displayed(node, run)
  }
}

const named = (name: string, run: Run): Value => {
  const json = run.scope(name)
  if (json === undefined) throw new EvaluationError("missing", `nothing is called ${name}`)
  return fromJson(json)
}

/** The operand that decided, as Python has it, not its truth. */
const junction = (node: Junction, run: Run): Value => {
  let last: Value = null
  for (const operand of node.operands) {
    last = value(operand, run)
    if (isTrue(last) === (node.kind === "or")) return last
  }
  return last
}

/** a < b < c: b once, and c not at all when a < b does not hold. */
const comparing = (node: Comparing, run: Run): boolean => {
  let left = value(node.first, run)
  for (const { operator, operand } of node.rest) {
    const right = value(operand, run)
    if (!compare(operator, left, right, run.spend)) return false
    left = right
  }
  return true
}

const indexed = (node: Index, run: Run): Value => {
  const object = value(node.object, run)
  const index = value(node.index, run)
  if (object !== null && typeof object === "object" && object._tag === "dict") {
    const key = hashable(index)
    const found = typeof key === "string" ? entry(object, key) : undefined
    if (found === undefined) throw new EvaluationError("missing", `no such key`)
    return found
  }
  const sequence = sequenceOf(object)
  const place = whole(index)
  if (place === null) throw new EvaluationError("type", `${typeName(index)} is no index`)
  const length = BigInt(sequence.items.length)
  const at = place < 0n ? place + length : place
  if (at < 0n || at >= length) throw new EvaluationError("value", "the index is out of range")
  return itemAt(sequence, Number(at))
}

/** Of a text, its characters: a sequence that is told apart by where it came from. */
const sequenceOf = (object: Value): Sequence => {
  if (typeof object === "string") return { _tag: "tuple", items: characters(object), isJson: false }
  if (object !== null && typeof object === "object" && object._tag !== "dict") return object
  throw new EvaluationError("type", `${typeName(object)} has no places`)
}

const sliced = (node: Slice, run: Run): Value => {
  const object = value(node.object, run)
  const [start, stop, step] = [node.start, node.stop, node.step].map((part) =>
    part === null ? null : bound(value(part, run)),
  )
  const sequence = sequenceOf(object)
  const places = range(sequence.items.length, start ?? null, stop ?? null, step ?? null)
  run.spend(places.length)
  if (typeof object === "string") return places.map((at) => sequence.items[at]).join("")
  return { _tag: sequence._tag, items: places.map((at) => itemAt(sequence, at)), isJson: false }
}

const bound = (part: Value): number | null => {
  if (part === null) return null
  const number = whole(part)
  if (number === null) throw new EvaluationError("type", `${typeName(part)} is no bound of a slice`)
  // Beyond any length it makes no difference how far.
  const far = BigInt(2 ** 40)
  return Number(number > far ? far : number < -far ? -far : number)
}

const range = (length: number, start: number | null, stop: number | null, step: number | null) => {
  const by = step ?? 1
  if (by === 0) throw new EvaluationError("value", "a slice moves on")
  const [lowest, highest] = by > 0 ? [0, length] : [-1, length - 1]
  const clamp = (place: number) => Math.min(highest, Math.max(lowest, place < 0 ? place + length : place))
  const from = start === null ? (by > 0 ? lowest : highest) : clamp(start)
  const to = stop === null ? (by > 0 ? highest : lowest) : clamp(stop)
  const places: Array<number> = []
  for (let at = from; by > 0 ? at < to : at > to; at += by) places.push(at)
  return places
}

const got = (node: Get, run: Run): Value => {
  const object = value(node.object, run)
  if (object === null || typeof object !== "object" || object._tag !== "dict") {
    throw new EvaluationError("type", `${typeName(object)} has no get()`)
  }
  const key = hashable(value(node.key, run))
  const otherwise = node.otherwise === null ? null : value(node.otherwise, run)
  const found = typeof key === "string" ? entry(object, key) : undefined
  // A key that is there with None is not a missing one.
  return found === undefined ? otherwise : found
}

const called = (node: Call, run: Run): Value => {
  const given = node.operands.map((operand) => value(operand, run))
  const builtIn = Object.hasOwn(functions, node.name) ? functions[node.name] : undefined
  if (builtIn === undefined) throw new EvaluationError("missing", `nothing is called ${node.name}`)
  return builtIn(given, run.spend)
}

const displayed = (node: Display, run: Run): Value => ({
  _tag: node.kind,
  items: node.items.map((item) => value(item, run)),
  isJson: false,
})
