// Random expressions of the condition language from a seed: mostly of types that fit, sometimes not.

type Kind = "number" | "text" | "truth" | "list" | "dict" | "any"

export const names = {
  value: 150,
  half: 0.5,
  low: -7,
  big: 9_007_199_254_740_991,
  name: "ingest",
  word: "naïve 😀 it's",
  empty: "",
  yes: true,
  no: false,
  nothing: null,
  items: [3, 1, 2.5, -4],
  words: ["b", "a", "c"],
  mixed: [1, "x", null, [2, 3], { k: 1 }],
  none: [],
  data: {
    value: 101,
    "a b": 2,
    nested: { deep: [1, { x: "y" }] },
    flag: false,
    text: "abc",
    list: [1, 2, 3],
    nil: null,
  },
  other: { value: 101 },
} as const

const byKind: Readonly<Record<Exclude<Kind, "any">, ReadonlyArray<string>>> = {
  number: [
    "value",
    "half",
    "low",
    "big",
    "data['value']",
    "data.get('value', 0)",
    "items[0]",
    "data['nested']['deep'][0]",
  ],
  text: ["name", "word", "empty", "data['text']", "words[-1]"],
  truth: ["yes", "no", "data['flag']"],
  list: ["items", "words", "mixed", "none", "data['list']"],
  dict: ["data", "other", "data['nested']"],
}
const kinds: ReadonlyArray<Kind> = ["number", "text", "truth", "list", "dict"]
const wholes = ["0", "1", "2", "3", "-1", "7", "10", "255", "0x1F", "1_000", "100", "12345678901234567890"]
const floats = ["0.5", "1.5", "2.25", "-0.75", ".25", "5.", "1e3", "2.5e-3", "0.1", "1e16", "1e-5", "-2.5", "0.0"]
const texts = [
  "'a'",
  '"b"',
  "''",
  "'12'",
  "' 7 '",
  "'1.5'",
  "'ab c'",
  '"it\'s"',
  "'\\n\\t\\\\'",
  "'\\u00e9😀'",
  "'value'",
]

export const generator = (seed: number) => {
  // mulberry32
  let state = seed
  const random = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const pick = <A>(from: ReadonlyArray<A>): A => from[Math.floor(random() * from.length)]!
  const chance = (share: number) => random() < share

  const leaf = (kind: Kind): string => {
    switch (kind) {
      case "number":
        return chance(0.4) ? pick(byKind.number) : chance(0.6) ? pick(wholes) : pick(floats)
      case "text":
        return chance(0.5) ? pick(byKind.text) : pick(texts)
      case "truth":
        return chance(0.5) ? pick(byKind.truth) : pick(["True", "False"])
      case "list":
        return chance(0.7) ? pick(byKind.list) : pick(["[]", "[1, 2]", "(1,)", "()", "('a', 'b')", "[1, 2.5, 'x']"])
      case "dict":
        return pick(byKind.dict)
      case "any":
        return chance(0.1) ? pick(["None", "nothing", "absent", "data['absent']"]) : leaf(pick(kinds))
    }
  }

  const expression = (wanted: Kind, depth: number): string => {
    const kind = chance(0.08) ? "any" : wanted
    if (depth <= 0 || chance(0.15)) return leaf(kind)
    const of = (next: Kind) => expression(next, depth - 1)
    const inner = (next: Kind) => (chance(0.5) ? `(${of(next)})` : of(next))
    switch (kind) {
      case "number":
        return number(of, inner)
      case "text":
        return pick([
          () => `${inner("text")} + ${inner("text")}`,
          () => `${leaf("text")} * ${pick(["2", "3", "0", "-1", "yes"])}`,
          () => `str(${of("any")})`,
          () => `(${of("text")})[${pick(["0", "-1", "1", "2"])}]`,
          () => `(${of("text")})[${slice()}]`,
          () => `${pick(["min", "max"])}(${of("text")}, ${of("text")})`,
        ])()
      case "truth":
        return truth(of, inner)
      case "list":
        return pick([
          () => `[${of("any")}, ${of("number")}]`,
          () => `(${of("any")}, ${of("text")})`,
          () => `${inner("list")} + ${inner("list")}`,
          () => `${leaf("list")} * ${pick(["2", "0", "-1"])}`,
          () => `(${of("list")})[${slice()}]`,
        ])()
      case "dict":
        return pick([() => leaf("dict"), () => `${leaf("dict")}.get(${of("text")}, ${of("dict")})`])()
      case "any":
        return expression(pick(kinds), depth)
    }
  }

  const slice = () => {
    const bound = () => (chance(0.3) ? "" : pick(["0", "1", "-1", "2", "-2", "10", "-10"]))
    return `${bound()}:${bound()}${chance(0.3) ? `:${pick(["1", "-1", "2", "-2"])}` : ""}`
  }

  const number = (of: (kind: Kind) => string, inner: (kind: Kind) => string): string =>
    pick([
      () => `${inner("number")} ${pick(["+", "-", "*"])} ${inner("number")}`,
      () => `${inner("number")} ${pick(["/", "//", "%"])} ${inner("number")}`,
      () =>
        `${pick(["value", "low", "2", "-3", "half", "1.5", "0", "(-2)"])} ** ${pick(["2", "3", "0", "-1", "5", "yes"])}`,
      () => `${pick(["-", "+", "- -"])}${inner("number")}`,
      () => `len(${of(pick(["text", "list", "dict"] as const))})`,
      () => `${pick(["int", "float", "abs", "round"])}(${of("number")})`,
      () => `round(${of("number")}, ${pick(["0", "1", "2", "-1", "-2", "None", "17"])})`,
      () => `${pick(["int", "float"])}(${of("text")})`,
      () => `${pick(["min", "max"])}(${of("number")}, ${of("number")})`,
      () =>
        `${pick(["min", "max", "sum"])}(${pick(["items", "data['list']", "[1, 2, 0.5]", "none", "[]", "(yes, 2)"])})`,
      () => `sum([[1], [2]], ${of("list")})`,
      () => `items[${of("number")}]`,
      () => `data.get(${of("text")}, ${of("number")})`,
      () => `(${of("number")} or ${of("number")})`,
    ])()

  const truth = (of: (kind: Kind) => string, inner: (kind: Kind) => string): string =>
    pick([
      () => `${inner("number")} ${pick(["<", "<=", ">", ">=", "==", "!="])} ${inner("number")}`,
      () => `${inner("number")} < ${inner("number")} ${pick(["<", "==", ">="])} ${inner("number")}`,
      () => `${inner("text")} ${pick(["<", ">=", "==", "!=", "in", "not in"])} ${inner("text")}`,
      () => `${inner("list")} ${pick(["<", "<=", "==", "!="])} ${inner("list")}`,
      () => `${inner("any")} ${pick(["in", "not in"])} ${inner("list")}`,
      () => `${inner("text")} in ${leaf("dict")}`,
      () => `${inner("dict")} == ${inner("dict")}`,
      () => `((${of("any")}) ${pick(["is", "is not"])} ${pick(["None", "True", "False"])})`,
      () => `${pick(["bool", "any", "all"])}(${of("list")})`,
      () => `not ${inner("any")}`,
      () => `${of("truth")} ${pick(["and", "or"])} ${of("any")}`,
      () => `${of("truth")} and ${of("truth")} or not ${of("truth")}`,
    ])()

  return () => expression(pick(["truth", "truth", "number", "any"] as const), 4)
}
