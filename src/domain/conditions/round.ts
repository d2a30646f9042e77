// Python's round(): halves go to the even neighbour, and a float is rounded by its exact value, not by its digits.

import { toFloat } from "./arithmetic.ts"
import { EvaluationError } from "./EvaluationError.ts"
import { numeric, typeName, type Value, whole } from "./Value.ts"

/** Beyond these a float has no digits to round, or none left. */
const finest = 323
const coarsest = -308

export const round = (value: Value, digits: Value): Value => {
  const number = numeric(value)
  if (number === null) throw new EvaluationError("type", `round() of ${typeName(value)} is not defined`)
  const places = digits === null ? null : whole(digits)
  if (digits !== null && places === null) throw new EvaluationError("type", "digits are a whole number")
  if (typeof number === "bigint") return places === null || places >= 0n ? number : wholeTo(number, -places)
  if (!Number.isFinite(number)) {
    if (places === null) throw new EvaluationError("value", "what is not finite does not round to a whole number")
    return number
  }
  return places === null ? nearest(...fraction(number, 0)) : floatTo(number, places)
}

const wholeTo = (number: bigint, places: bigint): bigint => {
  if (places > 1000n) return 0n
  const unit = 10n ** places
  return nearest(number, unit) * unit
}

const floatTo = (number: number, places: bigint): number => {
  if (places > BigInt(finest)) return number
  if (places < BigInt(coarsest)) return number < 0 ? -0 : 0
  const rounded = nearest(...fraction(number, Number(places)))
  const float = Number(`${rounded}e${-places}`)
  if (!Number.isFinite(float)) throw new EvaluationError("value", "rounded, it is too large for a float")
  return rounded === 0n && (number < 0 || Object.is(number, -0)) ? -0 : toFloat(float)
}

/** The float times ten to the places, exactly: as a fraction of two whole numbers, the second positive. */
const fraction = (number: number, places: number): readonly [bigint, bigint] => {
  let exponent = 0
  let mantissa = number
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    exponent++
  }
  const ten = 10n ** BigInt(Math.abs(places))
  const [top, bottom] = [BigInt(mantissa), 2n ** BigInt(exponent)]
  return places >= 0 ? [top * ten, bottom] : [top, bottom * ten]
}

const nearest = (top: bigint, bottom: bigint): bigint => {
  const isNegative = top < 0n
  const size = isNegative ? -top : top
  const floor = size / bottom
  const twice = (size - floor * bottom) * 2n
  const isUp = twice > bottom || (twice === bottom && floor % 2n === 1n)
  const rounded = isUp ? floor + 1n : floor
  return isNegative ? -rounded : rounded
}
