// A regular expression from a caller, matched in time linear in the text: every way through it is walked at once, none twice.

import { Either } from "effect"
import { isWord, type Piece, parse, PatternRefused, type Test } from "./PatternSyntax.ts"

/** Whether it is found anywhere in the text, as Python's `re.search` does. */
export interface Pattern {
  readonly found: (text: string) => boolean
}

const lengthMost = 1_000
const stepsMost = 10_000
/** Names are shorter; what is longer is looked at so far. */
const textMost = 4_096

type Assertion = "start" | "end" | "edge" | "noEdge"

type Step =
  | { readonly kind: "one"; readonly test: Test }
  | { readonly kind: "where"; readonly what: Assertion }
  | { readonly kind: "fork"; to: ReadonlyArray<number> }
  | { readonly kind: "found" }

export const make = (source: string): Either.Either<Pattern, PatternRefused> => {
  if (source.length > lengthMost) {
    return Either.left(new PatternRefused(`it is longer than ${lengthMost} characters`))
  }
  return Either.flatMap(parse(source), (tree) => {
    const steps: Array<Step> = []
    compile(tree, steps)
    if (steps.length >= stepsMost)
      return Either.left(new PatternRefused("it is too large once its repetitions are written out"))
    steps.push({ kind: "found" })
    return Either.right({ found: (text) => search(steps, text) })
  })
}

/** Each piece leads on to the step that is written next. Stops growing at the bound; the caller looks. */
const compile = (node: Piece, steps: Array<Step>): void => {
  if (steps.length >= stepsMost) return
  switch (node.kind) {
    case "one":
      steps.push({ kind: "one", test: node.test })
      return
    case "all":
      for (const part of node.of) compile(part, steps)
      return
    case "any":
      return compileAny(node.of, steps)
    case "repeat":
      return compileRepeat(node, steps)
    default:
      steps.push({ kind: "where", what: node.kind })
  }
}

const compileAny = (of: ReadonlyArray<Piece>, steps: Array<Step>): void => {
  const fork = pushFork(steps)
  const starts: Array<number> = []
  const ends: Array<Fork> = []
  for (const part of of) {
    starts.push(steps.length)
    compile(part, steps)
    ends.push(pushFork(steps))
  }
  fork.to = starts
  for (const end of ends) end.to = [steps.length]
}

const compileRepeat = ({ of, least, most }: Extract<Piece, { kind: "repeat" }>, steps: Array<Step>): void => {
  for (let count = 0; count < least && steps.length < stepsMost; count++) compile(of, steps)
  if (most === null) {
    const start = steps.length
    const fork = pushFork(steps)
    compile(of, steps)
    pushFork(steps).to = [start]
    fork.to = [start + 1, steps.length]
    return
  }
  const forks: Array<{ readonly fork: Fork; readonly next: number }> = []
  for (let count = least; count < most && steps.length < stepsMost; count++) {
    forks.push({ fork: pushFork(steps), next: steps.length })
    compile(of, steps)
  }
  for (const { fork, next } of forks) fork.to = [next, steps.length]
}

type Fork = Extract<Step, { kind: "fork" }>

const pushFork = (steps: Array<Step>): Fork => {
  const fork: Fork = { kind: "fork", to: [] }
  steps.push(fork)
  return fork
}

const search = (steps: ReadonlyArray<Step>, whole: string): boolean => {
  const text = Array.from(whole.slice(0, textMost), (letter) => letter.codePointAt(0) ?? 0)
  const seenAt = new Int32Array(steps.length).fill(-1)
  let ways: ReadonlyArray<number> = []
  for (let at = 0; at <= text.length; at++) {
    // A match may begin at any place.
    const open = [...ways, 0]
    const reading: Array<number> = []
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (seenAt[index] === at) continue
      seenAt[index] = at
      const step = steps[index]
      if (step === undefined) continue
      if (step.kind === "found") return true
      if (step.kind === "fork") open.push(...step.to)
      else if (step.kind === "one") reading.push(index)
      else if (holds(step.what, text, at)) open.push(index + 1)
    }
    const code = text[at]
    if (code === undefined) return false
    ways = reading.flatMap((index) => {
      const step = steps[index]
      return step?.kind === "one" && step.test(code) ? [index + 1] : []
    })
  }
  return false
}

const holds = (what: Assertion, text: ReadonlyArray<number>, at: number): boolean => {
  if (what === "start") return at === 0
  if (what === "end") return at === text.length || (at === text.length - 1 && text[at] === 10)
  const isEdge = isWordAt(text, at - 1) !== isWordAt(text, at)
  return what === "edge" ? isEdge : !isEdge
}

const isWordAt = (text: ReadonlyArray<number>, at: number): boolean => {
  const code = text[at]
  return code !== undefined && isWord(code)
}
