// Nothing lies about unused: every file of src is reached from what is built, every exported value is taken by someone.

import { exportsOf, type Finding, importsOf, isCode, lineAt, type Source } from "../Source.ts"

const entries = ["src/main.ts", "src/index.ts", "src/web/main.tsx"]

/** The second driver of the log: the suite of tests that both must pass runs on it, and so do recordings in memory. */
const drivers = ["src/log/memory/MemoryEventLog.ts"]

const inSrc = (source: Source) => source.path.startsWith("src/") && isCode(source.path)

export const deadFiles = (sources: ReadonlyArray<Source>): ReadonlyArray<Finding> => {
  const files = new Map(sources.filter(inSrc).map((source) => [source.path, source]))
  const reached = new Set<string>()
  const queue = [...entries, ...drivers].filter((path) => files.has(path))
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const source = files.get(path)
    if (source === undefined || reached.has(path)) continue
    reached.add(path)
    queue.push(...importsOf(source).flatMap(({ target }) => (target === undefined ? [] : [target])))
  }
  return [...files.keys()]
    .filter((path) => !reached.has(path))
    .map((path) => ({ path, what: "is reached from no entry" }))
}

/** Names each file is asked for, by the others. `*` asks for all: whoever takes a namespace is trusted to want it. */
const taken = (sources: ReadonlyArray<Source>) => {
  const wanted = new Map<string, Set<string>>()
  for (const source of sources.filter(({ path }) => isCode(path))) {
    for (const { target, names } of importsOf(source)) {
      if (target === undefined) continue
      const known = wanted.get(target) ?? new Set()
      for (const name of names) known.add(name)
      wanted.set(target, known)
    }
  }
  return wanted
}

/** Values only: a type may be exported for the sake of a signature. What src/index.ts exports is the library's. */
export const deadExports = (sources: ReadonlyArray<Source>): ReadonlyArray<Finding> => {
  const wanted = taken(sources)
  return sources
    .filter((source) => inSrc(source) && !entries.includes(source.path))
    .flatMap((source) => {
      const names = wanted.get(source.path)
      const own = exportsOf(source)
      const types = new Set(own.filter((each) => each.isType).map((each) => each.name))
      return own
        .filter(({ name, isType }) => !isType && !types.has(name) && !names?.has(name) && !names?.has("*"))
        .map(({ name, offset }) => ({
          path: source.path,
          line: lineAt(source, offset),
          what: `exports ${name}, which nobody takes`,
        }))
    })
}
