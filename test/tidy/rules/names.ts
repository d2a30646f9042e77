// Names say what a thing is: no empty words in them, and one noun for one thing (docs/glossary.md).

import { basename } from "node:path"
import { exportsOf, type Finding, isCode, lineAt, type Source } from "../Source.ts"

const empty = /^(impls?|services?|managers?|utils?|utilities|helpers?)$/i

export const wordsOf = (name: string): ReadonlyArray<string> =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")

const namesOf = (source: Source) => [
  { name: basename(source.path).replace(/\..*$/, ""), line: undefined },
  ...exportsOf(source).map(({ name, offset }) => ({ name, line: lineAt(source, offset) })),
]

const isOurs = (path: string) => isCode(path) && /^(src|bench|scripts|test)\//.test(path)

const report = (source: Source, judge: (words: ReadonlyArray<string>, name: string) => string | undefined) =>
  isOurs(source.path)
    ? namesOf(source).flatMap(({ name, line }): ReadonlyArray<Finding> => {
        const what = judge(wordsOf(name), name)
        return what === undefined ? [] : [{ path: source.path, ...(line === undefined ? {} : { line }), what }]
      })
    : []

export const emptyWords = (source: Source): ReadonlyArray<Finding> =>
  report(source, (words, name) => {
    const word =
      words.find((each) => empty.test(each)) ?? (words.length > 1 && words.at(-1) === "Live" ? "Live" : undefined)
    return word === undefined ? undefined : `the name ${name} holds “${word}”, which says nothing`
  })

/** Words that the glossary turns down for one noun but that have a plain meaning of their own elsewhere. */
const ordinary = new Set([
  "message",
  "request",
  "action",
  "offset",
  "topic",
  "page",
  "store",
  "database",
  "subject",
  "wrapper",
  "sequence",
  "status",
  "endpoint",
])

/** The banned synonyms, each with the noun to use: the first and the last column of the glossary's table. */
export const synonymsOf = (glossary: string): ReadonlyMap<string, string> =>
  new Map(
    glossary
      .split("\n")
      .filter((line) => line.startsWith("|") && !/^\|[\s|:-]+\|$/.test(line))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .filter((cells) => cells.length >= 3 && cells.at(-1) !== "not")
      .flatMap((cells) =>
        (cells.at(-1) ?? "")
          .split(",")
          .map((synonym) => synonym.trim().toLowerCase())
          .filter((synonym) => synonym !== "" && !ordinary.has(synonym))
          .map((synonym) => [synonym, cells[0] ?? ""] as const),
      ),
  )

/** A name may not end in a turned-down word: `StatePoller`, `LogJournal`. Only exported names and files of src are held to it. */
export const synonyms =
  (banned: ReadonlyMap<string, string>) =>
  (source: Source): ReadonlyArray<Finding> =>
    source.path.startsWith("src/")
      ? report(source, (words, name) => {
          const lower = words.map((word) => word.toLowerCase())
          const hit = [...banned].find(
            ([synonym]) => lower.join(" ") === synonym || lower.join(" ").endsWith(` ${synonym}`),
          )
          return hit === undefined ? undefined : `the name ${name} says “${hit[0]}”; the glossary's word is “${hit[1]}”`
        })
      : []
