// Files a person can hold in the head: 300 lines at most (500 for tests), functions 70.

import { Visitor } from "rolldown/utils"
import { type Finding, isCode, lineAt, type Source } from "../Source.ts"

const linesOfFile = 300
const linesOfTestFile = 500
/** Of a function's own, the functions inside it not counted: those are held to the same. */
const linesOfFunction = 70
/** With everything inside: a port's `make` holds its methods, but not without end. */
const linesWithInner = 150

export const fileLength = (source: Source): ReadonlyArray<Finding> => {
  if (!isCode(source.path)) return []
  const limit = source.path.startsWith("test/") ? linesOfTestFile : linesOfFile
  const lines = source.text.trimEnd().split("\n").length
  return lines <= limit
    ? []
    : [{ path: source.path, what: `has ${lines} lines; at most ${limit}: it holds more than one concept` }]
}

interface Span {
  readonly first: number
  readonly last: number
  /** Lines of the functions directly inside. */
  inner: number
}

const fault = ({ first, last, inner }: Span): string | undefined => {
  const all = last - first + 1
  if (all - inner > linesOfFunction) return `a function of ${all - inner} lines of its own; at most ${linesOfFunction}`
  return all > linesWithInner ? `a function of ${all} lines; at most ${linesWithInner} with all inside` : undefined
}

/** Tests are left out: a `describe` is a list, not a function. */
export const functionLength = (source: Source): ReadonlyArray<Finding> => {
  if (!isCode(source.path) || source.path.startsWith("test/")) return []
  const found: Array<Finding> = []
  const open: Array<Span> = []
  const enter = ({ start, end }: { readonly start: number; readonly end: number }) => {
    open.push({ first: lineAt(source, start), last: lineAt(source, end), inner: 0 })
  }
  const leave = () => {
    const span = open.pop()
    if (span === undefined) return
    const around = open.at(-1)
    // A function on one line of its parent hides no line of it.
    if (around !== undefined && span.last > span.first) around.inner += span.last - span.first + 1
    const what = fault(span)
    if (what !== undefined) found.push({ path: source.path, line: span.first, what })
  }
  new Visitor({
    FunctionDeclaration: enter,
    "FunctionDeclaration:exit": leave,
    FunctionExpression: enter,
    "FunctionExpression:exit": leave,
    ArrowFunctionExpression: enter,
    "ArrowFunctionExpression:exit": leave,
  }).visit(source.code.program)
  return found
}
