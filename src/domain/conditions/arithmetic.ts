// Python's arithmetic: whole numbers stay whole, // and % round towards minus infinity, texts and lists add and repeat.

import type { Spend } from "./compare.ts"
import { EvaluationError } from "./EvaluationError.ts"
import { limits } from "./limits.ts"
import type { BinaryOperator } from "./Term.ts"
import { itemAt, numeric, type Sequence, typeName, type Value, whole } from "./Value.ts"

export const binary = (operator: BinaryOperator, left: Value, right: Value, spend: Spend): Value => {
  const a = numeric(left)
  const b = numeric(right)
  if (a !== null && b !== null) {
    return typeof a === "bigint" && typeof b === "bigint"
      ? wholes[operator](a, b)
      : floats[operator](toFloat(a), toFloat(b))
  }
  if (operator === "+") return joined(left, right, spend)
  if (operator === "*") return repeated(left, right, spend)
  throw new EvaluationError("type", `${typeName(left)} ${operator} ${typeName(right)} is not defined`)
}

export const unary = (operator: "+" | "-", value: Value): Value => {
  const number = numeric(value)
  if (number === null) throw new EvaluationError("type", `${operator}${typeName(value)} is not defined`)
  return operator === "+" ? number : -number
}

export const toFloat = (number: bigint | number): number => {
  const float = Number(number)
  if (typeof number === "bigint" && !Number.isFinite(float)) {
    throw new EvaluationError("value", "the whole number is too large for a float")
  }
  return float
}

export const bounded = (number: bigint): bigint => {
  if (bitsOf(number) > limits.bits) throw new EvaluationError("limit", `a whole number has ${limits.bits} bits at most`)
  return number
}

const wholes: Readonly<Record<BinaryOperator, (a: bigint, b: bigint) => Value>> = {
  "+": (a, b) => bounded(a + b),
  "-": (a, b) => bounded(a - b),
  "*": (a, b) => bounded(a * b),
  "/": (a, b) => quotient(a, notZero(b)),
  "//": (a, b) => (a - floorModulo(a, notZero(b))) / b,
  "%": (a, b) => floorModulo(a, notZero(b)),
  "**": (a, b) => wholePower(a, b),
}

const floats: Readonly<Record<BinaryOperator, (a: number, b: number) => Value>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / notZero(b),
  "//": (a, b) => floatDivision(a, notZero(b)).floor,
  "%": (a, b) => floatDivision(a, notZero(b)).modulo,
  "**": (a, b) => floatPower(a, b),
}

const notZero = <N extends bigint | number>(divisor: N): N => {
  if (Number(divisor) === 0) throw new EvaluationError("value", "division by zero")
  return divisor
}

const floorModulo = (a: bigint, b: bigint): bigint => {
  const rest = a % b
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest
}

/** CPython's algorithm, so that the last bit is the same. */
const floatDivision = (a: number, b: number): { readonly floor: number; readonly modulo: number } => {
  let modulo = a % b
  let division = (a - modulo) / b
  if (modulo === 0) modulo = b < 0 ? -0 : 0
  else if (b < 0 !== modulo < 0) {
    modulo += b
    division -= 1
  }
  if (division === 0) return { floor: a / b < 0 || Object.is(a / b, -0) ? -0 : 0, modulo }
  const floor = Math.floor(division)
  return { floor: division - floor > 0.5 ? floor + 1 : floor, modulo }
}

const bitsOf = (number: bigint): number => {
  const digits = (number < 0n ? -number : number).toString(16)
  return (digits.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(digits[0] ?? "0", 16)))
}

/** Rounded once, as if both were exact: a float of 66 bits and one that says "something is left" rounds right. */
const quotient = (a: bigint, b: bigint): number => {
  const limit = BigInt(Number.MAX_SAFE_INTEGER)
  const [top, bottom] = [a < 0n ? -a : a, b < 0n ? -b : b]
  if (top <= limit && bottom <= limit) return Number(a) / Number(b)
  const shift = Math.max(0, bitsOf(bottom) - bitsOf(top) + 66)
  const shifted = top << BigInt(shift)
  const exact = shifted / bottom
  const sticky = exact * bottom === shifted ? exact : exact | 1n
  const float = toFloat(sticky) * 2 ** -Math.min(shift, 1000) * 2 ** -Math.max(0, shift - 1000)
  return a < 0n === b < 0n ? float : -float
}

const wholePower = (base: bigint, exponent: bigint): Value => {
  if (exponent < 0n) return floatPower(toFloat(base), toFloat(exponent))
  if (base === 0n || base === 1n || base === -1n) return base ** (exponent > 2n ? 2n + (exponent % 2n) : exponent)
  if (exponent > BigInt(limits.bits) || (bitsOf(base) - 1) * Number(exponent) > limits.bits) {
    throw new EvaluationError("limit", `the power is too large: a whole number has ${limits.bits} bits at most`)
  }
  return bounded(base ** exponent)
}

const floatPower = (base: number, exponent: number): number => {
  if (base === 1 || exponent === 0) return 1
  if (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)) return 1
  if (base === 0 && exponent < 0) throw new EvaluationError("value", "zero to a negative power")
  if (base < 0 && Number.isFinite(base) && Number.isFinite(exponent) && !Number.isInteger(exponent)) {
    throw new EvaluationError("type", "the root of a negative number is not a number here")
  }
  const power = base ** exponent
  if (!Number.isFinite(power) && Number.isFinite(base) && Number.isFinite(exponent)) {
    throw new EvaluationError("value", "the power is too large for a float")
  }
  return power
}

const joined = (left: Value, right: Value, spend: Spend): Value => {
  if (typeof left === "string" && typeof right === "string") {
    fits(left.length + right.length, spend, charactersAStep)
    return left + right
  }
  if (isSequence(left) && isSequence(right) && left._tag === right._tag) {
    fits(left.items.length + right.items.length, spend, 1)
    return { _tag: left._tag, items: [...plain(left), ...plain(right)], isJson: false }
  }
  throw new EvaluationError("type", `${typeName(left)} + ${typeName(right)} is not defined`)
}

const repeated = (left: Value, right: Value, spend: Spend): Value => {
  const [what, times] = whole(right) === null ? [right, whole(left)] : [left, whole(right)]
  const isText = typeof what === "string"
  if (times === null || !(isText || isSequence(what))) {
    throw new EvaluationError("type", `${typeName(left)} * ${typeName(right)} is not defined`)
  }
  const length = isText ? what.length : what.items.length
  if (times <= 0n || length === 0) return isText ? "" : { ...what, items: [] }
  const count = times > BigInt(limits.length) ? limits.length + 1 : Number(times)
  fits(length * count, spend, isText ? charactersAStep : 1)
  if (isText) return what.repeat(count)
  const once = plain(what)
  return { _tag: what._tag, items: Array.from({ length: count }, () => once).flat(), isJson: false }
}

/** Copying a text costs far less an element than making a list does. */
const charactersAStep = 100

const fits = (length: number, spend: Spend, aStep: number): void => {
  if (length > limits.length) throw new EvaluationError("limit", `longer than ${limits.length}`)
  spend(Math.ceil(length / aStep))
}

const isSequence = (value: Value): value is Sequence =>
  value !== null && typeof value === "object" && value._tag !== "dict"

const plain = (sequence: Sequence): ReadonlyArray<Value> => sequence.items.map((_, index) => itemAt(sequence, index))
