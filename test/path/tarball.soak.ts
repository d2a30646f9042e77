// What users get: the tarball installed in an empty folder with scripts disabled, its program run, its types and examples used.

import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { root, scratch } from "../program.ts"
import { everything, sessionOf } from "../session/given.ts"

const runFile = promisify(execFile)

const exampleNamed = async (name: string): Promise<string> => {
  const text = await readFile(join(root, "docs", "library.md"), "utf8")
  const found = new RegExp(`\`\`\`js\n(// ${name}: [^]*?)\`\`\``).exec(text)?.[1]
  if (found === undefined) throw new Error(`docs/library.md has no example ${name}`)
  return found
}

const pageOf = async (address: string): Promise<string> =>
  (await fetch(address, { headers: { accept: "text/html" } })).text()

/** A user's program: it fails to compile when a type is missing, is any, or names what they do not have. */
const usersProgram = `
import { defineCollector, defineProjection, defineRoutine, fetchHandler, openSession, type Envelope, type Event, type Session } from "annalist"

const exits = defineProjection({
  name: "exits",
  version: 1,
  initial: () => new Map<string, number | null>(),
  evolve: (state, { event }) => (event._tag === "ProcessExited" ? state.set(event.process, event.code) : state),
  copy: (state) => new Map(state),
})
export const collector = defineCollector({ name: "own", intervalSeconds: 1, collect: () => ({ gauges: { depth: 3 } }) })
export const routine = defineRoutine({ slots: { begin: (input, { emit }) => emit("done", input) } })
export const positionOf = (envelope: Envelope): number => envelope.position
// @ts-expect-error: there is no such event
export const none: Event["_tag"] = "NothingOfTheKind"

await using session: Session = await openSession(process.argv[2] ?? "")
const response: Response = await fetchHandler(session)(new Request("http://example/v1/state?at=7"))
const state = exits.initial()
for (const line of (await (await fetchHandler(session)(new Request("http://example/v1/export"))).text()).split("\\n")) {
  if (!line.startsWith('{"position"')) continue
  const { type, data, ...rest } = JSON.parse(line)
  exits.evolve(state, { ...rest, event: { _tag: type, ...data } })
}
console.log(JSON.stringify({ position: response.headers.get("annalist-position"), exits: state.size }))
`

describe("the tarball", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let path = ""
  const at = (...names: ReadonlyArray<string>) => join(folder.path, ...names)
  const program = () => at("node_modules", ".bin", "annalist")
  beforeAll(async () => {
    folder = await scratch()
    path = at("session.ndjson")
    await writeFile(path, await Effect.runPromise(sessionOf(everything(40))))
    const packed = await runFile("npm", ["pack", "--json", "--pack-destination", folder.path], { cwd: root })
    const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.lastIndexOf("\n[") + 1)) as [
      { readonly filename: string },
    ]
    await writeFile(at("package.json"), JSON.stringify({ private: true, type: "module" }))
    const install = ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", at(filename)]
    await runFile("npm", install, { cwd: folder.path })
  })
  afterAll(() => folder.remove())

  it("runs: its help, an agent that boots a process, and a session opened", async () => {
    const { stdout } = await runFile(program(), ["--help"], { cwd: folder.path })
    expect(stdout).toMatch(/^ {2}open /m)
    const agent = await serving(["agent", "--port", "0", "--ccl-port", "0", "--extra-ports", "off", "--grpc-port", "0"])
    try {
      const body = JSON.stringify({ argv: ["sleep", "60"] })
      const headers = { "content-type": "application/json" }
      const booted = await fetch(`${agent.http}/v1/processes`, { method: "POST", body, headers })
      expect(await booted.json()).toMatchObject({ pid: expect.any(Number) as number })
      expect(await pageOf(agent.http)).toContain("<!doctype html>")
    } finally {
      await runFile(program(), ["kill", "sleep", "--url", agent.http], { cwd: folder.path })
      await agent.end()
    }
    const opened = await serving(["open", path])
    try {
      expect(await (await fetch(`${opened.http}/v1/state`)).json()).toMatchObject({ position: 40 })
    } finally {
      await opened.end()
    }
  })

  it("brings types that need no other package, under the strictest options", async () => {
    await writeFile(at("own.ts"), usersProgram)
    const types = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, types: [] }
    const modules = { target: "es2022", lib: ["es2023", "dom", "dom.iterable"], module: "nodenext", outDir: "out" }
    await writeFile(at("node.d.ts"), "declare const process: { readonly argv: ReadonlyArray<string> }\n")
    await writeFile(at("tsconfig.json"), JSON.stringify({ compilerOptions: { ...types, ...modules } }))
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc")
    await runFile(process.execPath, [compiler, "-p", folder.path, "--pretty", "false"]).catch((error: unknown) => {
      throw new Error((error as { readonly stdout: string }).stdout)
    })
    const { stdout } = await runFile(process.execPath, [at("out", "own.js"), path], { cwd: folder.path })
    expect(JSON.parse(stdout)).toEqual({ position: "7", exits: 1 })
  })

  it("serves a session from a bare server", async () => {
    await writeFile(at("server.mjs"), await exampleNamed("server.mjs"))
    const server = spawn(process.execPath, [at("server.mjs"), path, "0"], { stdio: ["ignore", "pipe", "inherit"] })
    try {
      const [line] = (await once(server.stdout, "data")) as [Buffer]
      expect(await (await fetch(`${line.toString().trim()}/v1/state`)).json()).toMatchObject({ position: 40 })
      expect(await pageOf(line.toString().trim())).toContain("<!doctype html>")
    } finally {
      server.kill()
    }
  })

  it("serves a session from a serverless function", async () => {
    await mkdir(at("function"))
    await writeFile(at("function", "function.mjs"), await exampleNamed("function.mjs"))
    const caller = `
      const { default: { fetch } } = await import("./function/function.mjs")
      const answers = await Promise.all([fetch(new Request("https://f/v1/state")), fetch(new Request("https://f/v1/events?limit=2"))])
      console.log(JSON.stringify([(await answers[0].json()).position, (await answers[1].text()).trimEnd().split("\\n").length]))
      process.exit(0)`
    await writeFile(at("caller.mjs"), caller)
    const environment = { ...process.env, SESSION: path }
    const { stdout } = await runFile(process.execPath, [at("caller.mjs")], { cwd: folder.path, env: environment })
    expect(JSON.parse(stdout)).toEqual([40, 2])
  })

  const serving = async (args: ReadonlyArray<string>) => {
    const child = spawn(program(), [...args, "--json"], { cwd: folder.path, stdio: ["ignore", "pipe", "inherit"] })
    const [line] = (await once(child.stdout, "data")) as [Buffer]
    const { http } = JSON.parse(line.toString()) as { readonly http: string }
    const end = async () => {
      const gone = once(child, "exit")
      child.kill()
      await gone
    }
    return { http, end }
  }
})
