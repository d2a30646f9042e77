// The house stays tidy: every rule, over every file of the checkout.

import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { isCode, readAll, root, show, type Source } from "./Source.ts"
import { imports } from "./rules/imports.ts"
import { emptyWords, synonyms, synonymsOf } from "./rules/names.ts"
import { dependencies, links, lock, places } from "./rules/papers.ts"
import { purity } from "./rules/purity.ts"
import { deadExports, deadFiles } from "./rules/reach.ts"
import { fileLength, functionLength } from "./rules/size.ts"
import { swallowing, words } from "./rules/words.ts"

const sources = readAll()
const textOf = (path: string) => sources.find((source) => source.path === path)?.text
const inSrc = (source: Source) => source.path.startsWith("src/") && isCode(source.path)
const whole = textOf("src/main.ts") !== undefined && textOf("src/web/main.tsx") !== undefined

describe("the house", () => {
  it("parses", () => {
    const broken = sources.filter(({ path }) => isCode(path)).filter(({ code }) => code.errors.length > 0)
    expect(broken.map(({ path }) => path)).toEqual([])
  })
  it("lets a room enter only where it may", () => {
    expect(sources.filter(inSrc).flatMap(imports).map(show)).toEqual([])
  })
  it("keeps clocks, chance and I/O out of the core", () => {
    expect(sources.filter(inSrc).flatMap(purity).map(show)).toEqual([])
  })
  it("keeps files short", () => {
    expect(sources.flatMap(fileLength).map(show)).toEqual([])
  })
  it("keeps functions short", () => {
    expect(sources.flatMap(functionLength).map(show)).toEqual([])
  })
  it("names nothing with an empty word", () => {
    expect(sources.flatMap(emptyWords).map(show)).toEqual([])
  })
  it("uses the glossary's word for a thing", () => {
    const banned = synonymsOf(textOf("docs/glossary.md") ?? "")
    expect(sources.flatMap(synonyms(banned)).map(show)).toEqual([])
  })
  it("says nothing that is refused", () => {
    expect(sources.flatMap(words).map(show)).toEqual([])
  })
  it("eats no interrupts", () => {
    expect(sources.flatMap(swallowing).map(show)).toEqual([])
  })
  it.runIf(whole)("holds no dead file", () => {
    expect(deadFiles(sources).map(show)).toEqual([])
  })
  it.runIf(whole)("exports nothing that nobody takes", () => {
    expect(deadExports(sources).map(show)).toEqual([])
  })
  it("names no place of one machine or network", () => {
    expect(sources.flatMap(places).map(show)).toEqual([])
  })
  it("has a lock for every platform, without download addresses or needed install scripts", () => {
    expect(lock(textOf("package-lock.json") ?? "").map(show)).toEqual([])
  })
  it("says of every dependency why it is there", () => {
    const manifests = ["package.json", "test/package.json"].map((path) => textOf(path) ?? "{}")
    expect(dependencies(manifests, textOf("docs/dependencies.md") ?? "").map(show)).toEqual([])
  })
  it("links only to what exists", () => {
    const exists = (path: string) => existsSync(join(root, path))
    expect(sources.flatMap((source) => links(source, exists)).map(show)).toEqual([])
  })
})
