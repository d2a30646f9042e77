// Code that is refused wherever it stands, each with the reason.

import { type Finding, isCode, lineAt, roomOf, type Source } from "../Source.ts"
import { withoutComments } from "./purity.ts"

type Where = (path: string) => boolean

/** The rules themselves and their proofs name what they refuse. */
const anywhere: Where = (path) => !path.startsWith("test/tidy/")
const inSrc: Where = (path) => path.startsWith("src/")
const inTests: Where = (path) => path.startsWith("test/") && anywhere(path)
/** Rooms in whose code a program runs; the edges (main, the library, the terminal, the page) start it. */
const inside: Where = (path) => inSrc(path) && !["main", "index", "cli", "web"].includes(roomOf(path) ?? "")

const inCode: ReadonlyArray<readonly [RegExp, Where, string]> = [
  [/\bas any\b|<any>/g, anywhere, "`any` switches the types off"],
  [/\bEffect\.run(Promise|Sync|Fork|Callback)(Exit)?\b/g, inside, "a program runs at its edges only"],
  [/\bforkDaemon\b/g, inSrc, "a fork has a scope"],
  [/\b(Queue|PubSub|Mailbox)\.unbounded\b/g, inSrc, "every queue has a bound"],
  [
    /(?<!\w)(it|test|describe)(\.\w+)*\.(only|skip|todo|fails)\b/g,
    inTests,
    "a test runs, or says with test/support what it wants",
  ],
  [/\b(vi|vitest)\.(mock|spyOn|doMock)\b/g, inTests, "our own ports have drivers for tests, not mocks"],
]

const inComments: ReadonlyArray<readonly [RegExp, Where, string]> = [
  [/@ts-(ignore|nocheck)\b/g, anywhere, "the types are right or the code is wrong"],
  [/\b(TODO|FIXME|XXX|HACK)\b/g, anywhere, "an issue says what is left, not a comment"],
  [/(?:[-=*#~]{8,})/g, inSrc, "no banners"],
]

const hits = (source: Source, text: string, rules: typeof inCode): ReadonlyArray<Finding> =>
  rules
    .filter(([, where]) => where(source.path))
    .flatMap(([pattern, , why]) =>
      [...text.matchAll(pattern)].map((match) => ({
        path: source.path,
        line: lineAt(source, match.index),
        what: `says ${match[0]}: ${why}`,
      })),
    )

const onlyComments = (source: Source): string =>
  source.code.comments.map(({ start, end }) => source.text.slice(start, end)).join("\n")

export const words = (source: Source): ReadonlyArray<Finding> =>
  isCode(source.path)
    ? [
        ...hits(source, withoutComments(source), inCode),
        ...hits(source, onlyComments(source), inComments).map(({ path, what }) => ({ path, what })),
      ]
    : []

/** Catching every cause eats interrupts, unless the file visibly tells them apart. */
export const swallowing = (source: Source): ReadonlyArray<Finding> => {
  if (!inSrc(source.path) || !isCode(source.path)) return []
  const text = withoutComments(source)
  if (/\bCause\.(isInterrupted|isInterruptedOnly|failureOrCause|squash)\b|\binterruptOption\b/.test(text)) return []
  return [...text.matchAll(/\bcatchAllCause\b|\bEffect\.ignoreLogged\b/g)].map((match) => ({
    path: source.path,
    line: lineAt(source, match.index),
    what: `says ${match[0]} and never asks whether it was interrupted`,
  }))
}
