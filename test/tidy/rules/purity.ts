// The core is pure: no clock, chance, I/O or effect in src/domain; all of that arrives in a command.

import { type Finding, importsOf, lineAt, roomOf, type Source } from "../Source.ts"

const impure: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bDate\.now\b/g, "reads the clock"],
  [/\bnew Date\(\s*\)/g, "reads the clock"],
  [/(?<![\w.])Date\(\s*\)/g, "reads the clock"],
  [/\bperformance\.(now|timeOrigin)\b/g, "reads the clock"],
  [/\bMath\.random\b/g, "rolls dice"],
  [/\b(randomUUID|getRandomValues|randomBytes)\b/g, "makes an id"],
  // A process of the domain has a pid and a state; only Node's own has these.
  [
    /(?<![\w.$"'`])process\.(env|cwd|argv|hrtime|stdin|stdout|stderr|nextTick|memoryUsage|cpuUsage|uptime|platform|versions?|execPath|getuid|on|exit\()/g,
    "looks at the process it runs in",
  ],
  [/\b(setTimeout|setInterval|setImmediate|queueMicrotask|fetch)\(/g, "acts on the world"],
]

const effectful = new Set([
  "Effect",
  "Layer",
  "Runtime",
  "Stream",
  "Fiber",
  "Clock",
  "Random",
  "Ref",
  "Context",
  "Queue",
  "PubSub",
  "Scope",
])

/** The text with comments blanked, so that a sentence about the clock is not a look at it. */
export const withoutComments = (source: Source): string =>
  source.code.comments.reduce(
    (text, { start, end }) => text.slice(0, start) + text.slice(start, end).replaceAll(/[^\n]/g, " ") + text.slice(end),
    source.text,
  )

export const purity = (source: Source): ReadonlyArray<Finding> => {
  if (roomOf(source.path) !== "domain") return []
  const text = withoutComments(source)
  const acts = impure.flatMap(([pattern, what]) =>
    [...text.matchAll(pattern)].map((match) => ({
      path: source.path,
      line: lineAt(source, match.index),
      what: `${what} (${match[0]}): the core is pure`,
    })),
  )
  const effects = importsOf(source).flatMap(({ from, names, offset }) =>
    names
      .filter(
        (name) =>
          (from === "effect" && effectful.has(name)) || (from.startsWith("effect/") && effectful.has(from.slice(7))),
      )
      .map((name) => ({
        path: source.path,
        line: lineAt(source, offset),
        what: `imports ${name}: the core has no effects`,
      })),
  )
  return [...acts, ...effects]
}
