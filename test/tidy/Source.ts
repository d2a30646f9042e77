// One file of the checkout, as the rules see it: its path, its text and, where it is code, its syntax tree.

import { readFileSync, readdirSync } from "node:fs"
import { join, posix } from "node:path"
import { fileURLToPath } from "node:url"
import { parseSync, type ParseResult } from "rolldown/utils"

export const root = fileURLToPath(new URL("../..", import.meta.url))

export interface Source {
  /** Relative to the checkout, with slashes. */
  readonly path: string
  readonly text: string
  /** Where each line starts. */
  readonly lineStarts: ReadonlyArray<number>
  /** Parsed when first asked for, and only asked for where `isCode`. */
  readonly code: ParseResult
}

export interface Finding {
  readonly path: string
  readonly line?: number
  readonly what: string
}

export const show = ({ path, line, what }: Finding): string => `${path}${line === undefined ? "" : `:${line}`} ${what}`

export const isCode = (path: string): boolean => /\.(m?ts|tsx|mjs)$/.test(path) && !path.endsWith(".d.ts")

export const make = (path: string, text: string): Source => {
  let parsed: ParseResult | undefined
  return {
    path,
    text,
    lineStarts: [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)],
    get code() {
      return (parsed ??= parseSync(path, text))
    },
  }
}

export const lineAt = (source: Source, offset: number): number => {
  const after = source.lineStarts.findIndex((start) => start > offset)
  return after === -1 ? source.lineStarts.length : after
}

/** The first folder under src: the room. Files directly in src are rooms of their own (`main`, `index`). */
export const roomOf = (path: string): string | undefined => {
  const [top, second] = path.split("/")
  return top === "src" && second !== undefined ? second.replace(/\.tsx?$/, "") : undefined
}

export interface Import {
  /** What the file says, such as `../domain/Event.ts` or `node:fs`. */
  readonly from: string
  /** The path it means inside the checkout; absent for a package. */
  readonly target: string | undefined
  /** Exported names it takes; `*` for all of them. */
  readonly names: ReadonlyArray<string>
  readonly isType: boolean
  readonly offset: number
}

const targetOf = (path: string, from: string) =>
  from.startsWith(".") ? posix.join(posix.dirname(path), from) : undefined

const sourceUrl = /new URL\(\s*"(\.{1,2}\/[^"]+\.ts)"\s*,\s*import\.meta\.url\s*\)/g

/** Every way in which a file reaches another: import, re-export, dynamic import, worker's URL. */
export const importsOf = (source: Source): ReadonlyArray<Import> => {
  const { staticImports, staticExports, dynamicImports } = source.code.module
  const of = (from: string, offset: number, names: ReadonlyArray<string>, isType = false): Import => ({
    from,
    target: targetOf(source.path, from),
    names,
    isType,
    offset,
  })
  return [
    ...staticImports.map(({ moduleRequest, entries, start }) =>
      of(
        moduleRequest.value,
        start,
        entries.map((entry) => entry.importName.name ?? (entry.importName.kind === "Default" ? "default" : "*")),
        entries.length > 0 && entries.every((entry) => entry.isType),
      ),
    ),
    ...staticExports
      .flatMap(({ entries }) => entries)
      .flatMap((entry) =>
        entry.moduleRequest === null
          ? []
          : [of(entry.moduleRequest.value, entry.start, [entry.importName.name ?? "*"], entry.isType)],
      ),
    ...dynamicImports.flatMap(({ moduleRequest, start }) => {
      const literal = /^["'`](.*)["'`]$/.exec(source.text.slice(moduleRequest.start, moduleRequest.end))?.[1]
      return literal === undefined ? [] : [of(literal, start, ["*"])]
    }),
    ...[...source.text.matchAll(sourceUrl)].map((match) => of(match[1] ?? "", match.index, ["*"])),
  ]
}

/** Names that a file itself exports, types included; a re-export is not its own. */
export const exportsOf = (source: Source) =>
  source.code.module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap((entry) =>
      entry.moduleRequest === null && entry.exportName.name !== null
        ? [{ name: entry.exportName.name, isType: entry.isType, offset: entry.start }]
        : [],
    )

const passedOver = /^(\.git|node_modules|dist|dist-.*|\.annalist|annalist-data|coverage|__pycache__)$/

/** Every text file of the checkout that somebody wrote. */
export const readAll = (folder = ""): ReadonlyArray<Source> =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`
    if (passedOver.test(entry.name)) return []
    if (entry.isDirectory()) return readAll(path)
    if (!entry.isFile()) return []
    const bytes = readFileSync(join(root, path))
    return bytes.includes(0) ? [] : [make(path, bytes.toString("utf8"))]
  })
