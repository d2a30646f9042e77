// Numbers and texts as Python writes and reads them.

/** The whole character at an offset, both halves of a surrogate pair. */
export const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 0xfffd)

/** The shortest digits that read back as the same number, in Python's layout. */
export const floatText = (value: number): string => {
  if (Number.isNaN(value)) return "nan"
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf"
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0"
  const [mantissa = "", power = "0"] = value.toExponential().split("e")
  const exponent = Number(power)
  const sign = mantissa.startsWith("-") ? "-" : ""
  const digits = mantissa.replace("-", "").replace(".", "")
  if (exponent < -4 || exponent >= 16) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ""
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`
  const padded = digits.padEnd(exponent + 1, "0")
  return `${sign}${padded.slice(0, exponent + 1)}.${padded.slice(exponent + 1) || "0"}`
}

const shortEscapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" }

/** With quotes: what stands inside a list's text. */
export const quoted = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  let inner = ""
  for (const character of text) inner += character === quote ? `\\${quote}` : shown(character)
  return quote + inner + quote
}

const shown = (character: string): string => {
  const short = shortEscapes[character]
  if (short !== undefined) return short
  if (character === " " || !/[\p{C}\p{Z}]/u.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`
}

const wholeText = /^[+-]?[0-9]+(?:_[0-9]+)*$/
const digitsOf = "[0-9]+(?:_[0-9]+)*"
const floatForm = new RegExp(`^[+-]?(?:${digitsOf}\\.?(?:${digitsOf})?|\\.${digitsOf})(?:[eE][+-]?${digitsOf})?$`)
const specials = /^([+-]?)(inf|infinity|nan)$/i

/** Null for a text that is no whole number. */
export const readWhole = (text: string): bigint | null => {
  const trimmed = text.trim()
  if (!wholeText.test(trimmed)) return null
  const digits = trimmed.replaceAll("_", "")
  return digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits.replace("+", ""))
}

/** Null for a text that is no number. */
export const readFloat = (text: string): number | null => {
  const trimmed = text.trim()
  if (floatForm.test(trimmed)) return Number(trimmed.replaceAll("_", ""))
  const special = specials.exec(trimmed)
  if (special === null) return null
  if (special[2]?.toLowerCase() === "nan") return Number.NaN
  return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}
