// How the text of a setting becomes its value: each parser says, in words, what it takes.

/** Plain values instead of Either: start-up and wrong usage load nothing. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false }

export interface Parser<T> {
  /** What would be right, to be read after "it takes". */
  readonly takes: string
  readonly parse: (text: string) => Parsed<T>
}

const right = <T>(value: T): Parsed<T> => ({ ok: true, value })
const wrong: { readonly ok: false } = { ok: false }

export const number = (range: {
  readonly min: number
  readonly max: number
  readonly unit: string
}): Parser<number> => ({
  takes: `a number of ${range.unit} from ${range.min} to ${range.max}`,
  parse: (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    return value >= range.min && value <= range.max ? right(value) : wrong
  },
})

const portNumber = (text: string): Parsed<number> => {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return value <= 65_535 ? right(value) : wrong
}

/** null is "off". */
export const port: Parser<number | null> = {
  takes: "a port from 1 to 65535, 0 for any free one, or off for none",
  parse: (text) => (text === "off" ? right(null) : portNumber(text)),
}

export const ports: Parser<ReadonlyArray<number>> = {
  takes: "ports from 0 to 65535 with commas between, or off for none",
  parse: (text) => (text === "off" ? right([]) : each(text, portNumber)),
}

const sizeUnits: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** Plain bytes, or with a binary unit: 512MiB, 1GiB. */
export const bytes = (range: { readonly min: number; readonly minShown: string }): Parser<number> => ({
  takes: `a size of at least ${range.minShown}, in bytes or with a unit (512MiB, 1GiB)`,
  parse: (text) => {
    const parts = /^(\d{1,15})(?:([kmgt])(?:ib)?)?$/i.exec(text)
    const value = parts === null ? Number.NaN : Number(parts[1]) * (sizeUnits[(parts[2] ?? "").toLowerCase()] ?? 1)
    return value >= range.min && Number.isSafeInteger(value) ? right(value) : wrong
  },
})

const switches: ReadonlyMap<string, boolean> = new Map([
  ["on", true],
  ["true", true],
  ["1", true],
  ["off", false],
  ["false", false],
  ["0", false],
])

export const onOff: Parser<boolean> = {
  takes: "on or off",
  parse: (text) => {
    const value = switches.get(text.toLowerCase())
    return value === undefined ? wrong : right(value)
  },
}

export const choice = <const T extends string>(...values: ReadonlyArray<T>): Parser<T> => ({
  takes: `one of ${values.join(", ")}`,
  parse: (text) => {
    const value = values.find((one) => one === text)
    return value === undefined ? wrong : right(value)
  },
})

const matching = (takes: string, pattern: RegExp): Parser<string> => ({
  takes,
  parse: (text) => (pattern.test(text) ? right(text) : wrong),
})

/** No control characters: a path with a newline or a NUL in it is a mistake or an attack. */
export const path = matching("a path", /^[^\p{Cc}]+$/u)
export const text = matching("a name of up to 256 characters", /^[^\p{Cc}]{1,256}$/u)
export const host = matching(
  "an IP address or a host name, without brackets and port",
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]+)?)$/,
)
/** One level of an MQTT topic. */
export const topicLevel = matching(
  "a name of up to 128 characters without /, +, # and blanks",
  /^[^\s/+#\p{Cc}]{1,128}$/u,
)
export const environmentName = matching("names of environment variables", /^[A-Za-z_]\w{0,127}$/)
export const hostPattern = matching(
  "host names, each with or without :port (never *)",
  /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)(?::\d{1,5})?$/,
)

export const url = (...schemes: ReadonlyArray<string>): Parser<string> => ({
  takes: `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
  parse: (text) => {
    const known = schemes.some((scheme) => text.startsWith(`${scheme}://`))
    return known && URL.canParse(text) && new URL(text).hostname !== "" ? right(text) : wrong
  },
})

export const origin: Parser<string> = {
  takes: "origins such as https://lab.example:8443 (never *)",
  parse: (text) =>
    /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text ? right(text) : wrong,
}

/** One or more with commas between; an empty text is an empty list. */
export const list = <T>(one: Parser<T>): Parser<ReadonlyArray<T>> => ({
  takes: `${one.takes.replace(/^an? (\w+)$/, "$1s")} with commas between`,
  parse: (text) => each(text, one.parse),
})

/** null is "none": the words none and off, and nothing at all. */
export const optional = <T>(one: Parser<T>): Parser<T | null> => ({
  takes: `${one.takes}, or none`,
  parse: (text) => (text === "" || text === "none" || text === "off" ? right(null) : one.parse(text)),
})

const each = <T>(text: string, parse: (part: string) => Parsed<T>): Parsed<ReadonlyArray<T>> => {
  const values: Array<T> = []
  for (const part of text.split(",").map((one) => one.trim())) {
    if (part === "") continue
    const parsed = parse(part)
    if (!parsed.ok) return wrong
    values.push(parsed.value)
  }
  return right(values)
}
