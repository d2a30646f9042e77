// A command's arguments, parsed by hand: exact messages, and nothing to load.

import { suggestion } from "./nearest.ts"

export interface Flag {
  /** Without dashes. */
  readonly name: string
  readonly short?: string
  /** What stands for the value in help ("N", "FILE"); null for a switch, which takes none. */
  readonly value: string | null
  readonly summary: string
}

export interface Operands {
  /** As help shows them: "FILE|DIR". */
  readonly shown: string
  readonly min: number
  readonly max: number
}

export interface Arguments {
  readonly values: ReadonlyMap<string, string>
  readonly switches: ReadonlySet<string>
  readonly operands: ReadonlyArray<string>
}

/** A string is what was wrong with the arguments. */
export const parse = (
  words: ReadonlyArray<string>,
  shape: { readonly flags: ReadonlyArray<Flag>; readonly operands: Operands },
): Arguments | string => {
  const values = new Map<string, string>()
  const switches = new Set<string>()
  const operands: Array<string> = []
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ""
    if (word === "--") {
      operands.push(...words.slice(index + 1))
      break
    }
    if (!word.startsWith("-") || word === "-" || /^-\d/.test(word)) {
      operands.push(word)
      continue
    }
    const [spelt, attached] = splitAtEquals(word)
    const flag = shape.flags.find(
      (one) => spelt === `--${one.name}` || (one.short !== undefined && spelt === `-${one.short}`),
    )
    if (flag === undefined) return unknownFlag(spelt, shape.flags)
    if (values.has(flag.name) || switches.has(flag.name)) return `--${flag.name} is given twice`
    if (flag.value === null) {
      if (attached !== null) return `--${flag.name} takes no value`
      switches.add(flag.name)
      continue
    }
    // A value may begin with one dash (--at -10m), as a flag's name begins with two.
    const value = attached ?? words[++index]
    if (value === undefined || (attached === null && value.startsWith("--"))) {
      return `--${flag.name} needs a value: --${flag.name} ${flag.value}`
    }
    values.set(flag.name, value)
  }
  return operandProblem(operands, shape.operands) ?? { values, switches, operands }
}

const splitAtEquals = (word: string): readonly [string, string | null] => {
  const equals = word.startsWith("--") ? word.indexOf("=") : -1
  return equals < 0 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1)]
}

const unknownFlag = (spelt: string, flags: ReadonlyArray<Flag>): string =>
  `${spelt.slice(0, 80)} is no flag of this command${suggestion(
    spelt,
    flags.map((one) => `--${one.name}`),
  )}`

const operandProblem = (operands: ReadonlyArray<string>, wanted: Operands): string | null => {
  if (operands.length < wanted.min) return `${wanted.shown} is missing`
  if (operands.length <= wanted.max) return null
  const extra = operands[wanted.max] ?? ""
  return wanted.max === 0
    ? `"${extra}" is too much: it takes flags only`
    : `"${extra}" is too much: it takes ${wanted.shown}`
}
