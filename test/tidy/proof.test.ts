// Every rule can fail: what each refuses, and the nearest thing that it lets pass.

import { describe, expect, it } from "vitest"
import { type Finding, make, type Source } from "./Source.ts"
import { imports } from "./rules/imports.ts"
import { emptyWords, synonyms, synonymsOf } from "./rules/names.ts"
import { dependencies, links, lock, places } from "./rules/papers.ts"
import { purity } from "./rules/purity.ts"
import { deadExports, deadFiles } from "./rules/reach.ts"
import { fileLength, functionLength } from "./rules/size.ts"
import { swallowing, words } from "./rules/words.ts"

type Rule = (source: Source) => ReadonlyArray<Finding>

const glossary =
  "| noun | what | not |\n|---|---|---|\n| position | the place | offset, LSN |\n| projection | a fold | read model |\n"
const noSynonyms = synonyms(synonymsOf(glossary))
const noDeadLinks: Rule = (source) => links(source, (path) => path === "docs/guide.md")
const lines = (count: number) => "const a = 1\n".repeat(count)
/** A place that the rule refuses, put together so that this file does not name it. */
const home = ["", "root", "checkout"].join("/")

const refused: ReadonlyArray<readonly [name: string, rule: Rule, path: string, text: string]> = [
  ["domain importing log", imports, "src/domain/A.ts", `import { a } from "../log/A.ts"`],
  ["a type import through a closed door", imports, "src/web/A.tsx", `import type { A } from "../domain/A.ts"`],
  ["a dynamic import through a closed door", imports, "src/http/A.ts", `const a = await import("../log/A.ts")`],
  ["a re-export through a closed door", imports, "src/wire/A.ts", `export { a } from "../http/A.ts"`],
  ["a worker behind a closed door", imports, "src/http/A.ts", `new URL("../log/Worker.ts", import.meta.url)`],
  ["importing main", imports, "src/cli/A.ts", `import "../main.ts"`],
  ["LevelDB outside the log", imports, "src/session/A.ts", `import { ClassicLevel } from "classic-level"`],
  ["a child process from a face", imports, "src/http/A.ts", `import { spawn } from "node:child_process"`],
  ["execa from a command", imports, "src/commands/A.ts", `import { execa } from "execa"`],
  ["files in a projection", imports, "src/projections/A.ts", `import { readFileSync } from "node:fs"`],
  ["Node in the core", imports, "src/domain/A.ts", `import { hostname } from "node:os"`],
  ["src importing test", imports, "src/cli/A.ts", `import { a } from "../../test/a.ts"`],
  ["a room that is none", imports, "src/lib/A.ts", "export const a = 1"],
  ["a clock in the core", purity, "src/domain/A.ts", "const now = Date.now()"],
  ["today in the core", purity, "src/domain/A.ts", "const now = new Date()"],
  ["dice in the core", purity, "src/domain/A.ts", "const a = Math.random()"],
  ["ids made in the core", purity, "src/domain/A.ts", "const id = crypto.randomUUID()"],
  ["the environment in the core", purity, "src/domain/A.ts", "const a = process.env.HOME"],
  ["an effect in the core", purity, "src/domain/A.ts", `import { Effect } from "effect"`],
  ["a long file", fileLength, "src/log/A.ts", lines(301)],
  ["a long test", fileLength, "test/a.test.ts", lines(501)],
  ["a long function", functionLength, "src/log/A.ts", `const f = () => {\n${lines(70)}}`],
  [
    "a function long by what is inside",
    functionLength,
    "src/log/A.ts",
    `const f = () => {\n${`const g = () => {\n${lines(48)}}\n`.repeat(3)}}`,
  ],
  ["a file of helpers", emptyWords, "src/log/blockHelpers.ts", ""],
  ["an Impl", emptyWords, "src/log/A.ts", "export class EventLogImpl {}"],
  ["a manager of types", emptyWords, "src/log/A.ts", "export interface BlockManager {}"],
  ["a Live layer", emptyWords, "src/log/A.ts", "export const EventLogLive = 1"],
  ["a turned-down word", noSynonyms, "src/log/A.ts", "export const LastLSN = 1"],
  ["a turned-down word of two", noSynonyms, "src/projections/ReadModel.ts", ""],
  ["any", words, "src/log/A.ts", "const a = b as any"],
  ["a program run inside the program", words, "src/log/A.ts", "Effect.runPromise(a)"],
  ["an unscoped fork", words, "src/log/A.ts", "Effect.forkDaemon(a)"],
  ["an unbounded queue", words, "src/log/A.ts", "Queue.unbounded()"],
  ["a test alone", words, "test/a.test.ts", `it.only("is", () => {})`],
  ["a test left out", words, "test/a.test.ts", `describe.skip("is", () => {})`],
  ["a mock", words, "test/a.test.ts", `vi.mock("../src/log/EventLog.ts")`],
  ["types silenced", words, "src/log/A.ts", "// @ts-ignore because\nconst a = 1"],
  ["work left over", words, "src/log/A.ts", "// TODO: later\nconst a = 1"],
  ["a banner", words, "src/log/A.ts", "// ----------- layers\nconst a = 1"],
  ["an eaten interrupt", swallowing, "src/log/A.ts", "Effect.catchAllCause(() => Effect.void)"],
  ["a place of one machine", places, "docs/a.md", `see ${home}`],
  ["a dead link", noDeadLinks, "docs/a.md", "see [there](gone.md)"],
]

const allowed: ReadonlyArray<readonly [name: string, rule: Rule, path: string, text: string]> = [
  ["an open door", imports, "src/log/A.ts", `import { a } from "../domain/A.ts"`],
  ["a package", imports, "src/domain/A.ts", `import { Schema } from "effect"`],
  ["a sentence about the clock", purity, "src/domain/A.ts", "// Date.now() is not for us.\nconst a = new Date(5)"],
  ["a process of the domain", purity, "src/domain/A.ts", "const a = process.state"],
  ["a file of 300 lines", fileLength, "src/log/A.ts", lines(300)],
  [
    "a port made of short functions",
    functionLength,
    "src/log/A.ts",
    `const f = () => {\n${`const g = () => {\n${lines(44)}}\n`.repeat(3)}}`,
  ],
  [
    "a word that only contains one",
    emptyWords,
    "src/log/A.ts",
    "export const Observer = 1\nexport const LiveReader = 2",
  ],
  ["an ordinary word", noSynonyms, "src/log/A.ts", "export const byteOffset = 1"],
  ["a rule quoted in a string of a comment", words, "src/log/A.ts", "// never as any\nconst a = 1"],
  [
    "an interrupt told apart",
    swallowing,
    "src/log/A.ts",
    "Effect.catchAllCause((cause) => Cause.isInterruptedOnly(cause) ? a : b)",
  ],
  ["a place that everybody has", places, "docs/a.md", "see /etc/passwd and test/fixtures/work/a"],
  ["a link that leads somewhere", noDeadLinks, "docs/a.md", "[guide](guide.md#top), [out](https://example.org)"],
]

describe("a rule", () => {
  it.each(refused)("refuses %s", (_, rule, path, text) => {
    expect(rule(make(path, text)).length).toBeGreaterThan(0)
  })
  it.each(allowed)("lets %s pass", (_, rule, path, text) => {
    expect(rule(make(path, text))).toEqual([])
  })
})

describe("a rule over the whole", () => {
  const main = make("src/main.ts", `import { used } from "./log/Used.ts"\nawait import("./log/Late.ts")`)
  const used = make("src/log/Used.ts", "export const used = 1\nexport type Kind = 1")
  const late = make("src/log/Late.ts", "export const late = 1")

  it("refuses a file that nothing reaches, and knows dynamic imports", () => {
    expect(deadFiles([main, used, late, make("src/log/Dead.ts", "")]).map(({ path }) => path)).toEqual([
      "src/log/Dead.ts",
    ])
  })
  it("refuses an export that nobody takes", () => {
    const extra = make("src/log/Used.ts", "export const used = 1\nexport const spare = 2\nexport type Kind = 1")
    expect(deadExports([main, extra, late]).map(({ line }) => line)).toEqual([2])
    expect(deadExports([main, used, late])).toEqual([])
  })
  it("refuses a lock with addresses, unknown install scripts or missing platforms", () => {
    const bad = {
      "node_modules/a": { resolved: "http://example.org/a.tgz", hasInstallScript: true },
      "node_modules/b": { optionalDependencies: { "@b/binding-darwin-arm64": "1.0.0" } },
    }
    expect(lock(JSON.stringify({ packages: bad }))).toHaveLength(3)
    expect(lock(JSON.stringify({ packages: { "node_modules/t": { resolved: "test", link: true } } }))).toEqual([])
  })
  it("refuses a dependency without its reason, a reason without its dependency, and a range", () => {
    const table = "| `a` | what | why |\n| `gone` | what | why |\n"
    const manifest = JSON.stringify({ dependencies: { a: "1.0.0" }, devDependencies: { b: "^1.0.0" } })
    expect(dependencies([manifest], table)).toHaveLength(3)
    expect(dependencies([JSON.stringify({ dependencies: { a: "1.0.0" } })], "| `a` | what | why |")).toEqual([])
  })
})
