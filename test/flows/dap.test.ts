// An editor debugs jobs of the real program by the Debug Adapter Protocol: over TCP, and through `annalist dap`.

import { randomBytes } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { until } from "../program.ts"
import { type Editor, overStdio, overTcp } from "./dapClient.ts"
import { type Agent, agent, dataProcessing, entry, type Fields } from "./drive.ts"

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const listOf = (body: Fields, name: string) => body[name] as ReadonlyArray<Fields>

/** Where the job stands: its frames, from the innermost outwards. */
const stackOf = async (editor: Editor, stopped: Fields) =>
  listOf(await editor.ask("stackTrace", { threadId: stopped["threadId"] }), "stackFrames")

const scopesOf = async (editor: Editor, [top]: ReadonlyArray<Fields>) => {
  const scopes = listOf(await editor.ask("scopes", { frameId: top?.["id"] }), "scopes")
  const named = (name: string) => Number(scopes.find((one) => one["name"] === name)?.["variablesReference"])
  const variables = async (reference: number) =>
    listOf(await editor.ask("variables", { variablesReference: reference }), "variables")
  return { local: named("Local"), shared: named("Shared"), variables }
}

describe("the Debug Adapter Protocol", () => {
  let running: Agent
  let dap: string
  let file: string
  let lineOf: (text: string) => number
  beforeAll(async () => {
    running = await agent({ args: ["--dap-port", "0", "--evaluate", "on"] })
    dap = String((running.ready as unknown as Fields)["dap"])
    file = join(running.folder, "routines", "typed.ts")
    const lines = readFileSync(file, "utf8").split("\n")
    lineOf = (text) => lines.findIndex((line) => line.includes(text)) + 1
    await running.ask("POST", "/api/flows", dataProcessing("typed"))
  })
  afterAll(() => running.close())

  const launch = async (editor: Editor, more: Fields = {}) => {
    expect(await editor.ask("initialize", { adapterID: "annalist", linesStartAt1: true })).toMatchObject({
      supportsConditionalBreakpoints: true,
      supportsStepBack: true,
    })
    await editor.ask("launch", { ...entry(), ...more })
    await editor.next("initialized")
  }

  it("launches a job, stops it at a line, shows and sets what it has, and runs it to its end", async () => {
    const editor = await overTcp(dap)
    await launch(editor)
    const line = lineOf("data_ingested: (input")
    const set = await editor.ask("setBreakpoints", {
      source: { path: file },
      breakpoints: [
        { line: line + 2, condition: "len(data) == 5" },
        { line: 1, condition: "" },
        { line, condition: "import os" },
        { line: lineOf("data_processed: ("), logMessage: "got {result[0]}" },
      ],
    })
    expect(listOf(set, "breakpoints")).toMatchObject([
      { verified: true, line },
      { verified: false, message: "no slot of the flow's routines begins here" },
      { verified: false },
      { verified: true },
    ])
    await editor.ask("configurationDone")
    const stopped = await editor.next("stopped")
    expect(stopped).toMatchObject({ reason: "breakpoint", threadId: 2, hitBreakpointIds: [1], allThreadsStopped: true })
    expect(listOf(await editor.ask("threads"), "threads")).toEqual([{ id: 2, name: "process.data_ingested #2" }])
    const frames = await stackOf(editor, stopped)
    expect(frames).toMatchObject([
      { name: "process.data_ingested", line, source: { path: file } },
      { name: "ingest.trigger", line: lineOf("trigger: (") },
    ])
    const { local, variables } = await scopesOf(editor, frames)
    const [data] = await variables(local)
    expect(data).toMatchObject({ name: "data", value: "[1,2,3,4,5]", type: "list" })
    const inside = Number(data?.["variablesReference"])
    expect(await variables(inside)).toHaveLength(5)
    expect(await editor.ask("setVariable", { variablesReference: inside, name: "0", value: "21" })).toMatchObject({
      value: "21",
    })
    await expect(editor.ask("setVariable", { variablesReference: inside, name: "0", value: "x" })).rejects.toThrow(
      "JSON",
    )
    expect(await editor.ask("evaluate", { expression: "sum(data)" })).toMatchObject({ result: "35" })
    await editor.ask("continue", { threadId: 2 })
    await editor.next("continued")
    expect(await editor.next("output")).toMatchObject({ output: "got 42\n" })
    expect(await editor.next("exited")).toEqual({ exitCode: 0 })
    await editor.next("terminated")
    await editor.ask("disconnect")
    await editor.close()
  })

  it("steps into, over and back, each answer before what comes of it", async () => {
    const editor = await overTcp(dap)
    await launch(editor, { stopOnEntry: true })
    await editor.ask("configurationDone")
    const place = async (stopped: Fields) => (await stackOf(editor, stopped))[0]?.["name"]
    expect(await place(await editor.next("stopped"))).toBe("ingest.trigger")
    await editor.ask("stepIn", { threadId: 1 })
    expect(await place(await editor.next("stopped"))).toBe("ingest emits data_ingested")
    await editor.ask("stepIn", { threadId: 1 })
    const second = await editor.next("stopped")
    expect([second["reason"], await place(second)]).toEqual(["step", "process.data_ingested"])
    await editor.ask("stepBack", { threadId: 2 })
    const past = await editor.next("stopped")
    expect(await place(past)).toBe("ingest.trigger")
    const { local, variables } = await scopesOf(editor, await stackOf(editor, past))
    const setting = editor.ask("setVariable", { variablesReference: local, name: "data", value: "[]" })
    await expect(setting).rejects.toThrow("the past cannot be changed")
    expect(await variables(local)).toMatchObject([{ name: "data", value: "[1,2,3,4,5]" }])
    await expect(editor.ask("stepBack", { threadId: 1 })).rejects.toThrow("nothing was called before")
    await editor.ask("continue", { threadId: 1 })
    expect(await place(await editor.next("stopped"))).toBe("process.data_ingested")
    await editor.ask("next", { threadId: 2 })
    // What it causes lies deeper: the step runs over it.
    expect(await editor.next("exited")).toEqual({ exitCode: 0 })
    const heard = editor.heard()
    expect(heard.indexOf("stepIn")).toBeLessThan(heard.indexOf("continued"))
    await editor.ask("disconnect")
    await editor.close()
  })

  it("attaches through annalist dap to a job that stands, and lets it go on when the editor leaves", async () => {
    const started = await running.ask("POST", "/api/jobs", { ...entry(), paused: true })
    const job = String(started.body["job_id"])
    const editor = overStdio(running.http)
    await editor.ask("initialize")
    await expect(editor.ask("attach", { job_id: "job_of_nobody" })).rejects.toThrow("not found")
    await editor.ask("attach", { job_id: job })
    await editor.next("initialized")
    const named = { breakpoints: [{ name: "validate", hitCondition: "> 5" }, { name: "nobody" }] }
    expect(listOf(await editor.ask("setFunctionBreakpoints", named), "breakpoints")).toMatchObject([
      { verified: true },
      { verified: false },
    ])
    await editor.ask("configurationDone")
    expect(await editor.next("stopped")).toMatchObject({ threadId: 1 })
    await expect(editor.ask("sing")).rejects.toThrow('there is no request "sing"')
    await editor.ask("disconnect")
    await editor.close()
    expect(await running.over(job)).toMatchObject({ status: "completed" })
    const { body } = await running.ask("GET", `/api/jobs/${job}/breakpoints`)
    expect(body["total"]).toBe(0)
  })

  it("hangs up on whoever speaks HTTP to the port, as a page in a browser would", async () => {
    const [host = "", port = ""] = dap.split(":")
    const socket = connect(Number(port), host)
    let heard = ""
    let isClosed = false
    socket.on("data", (piece) => (heard += piece.toString())).on("close", () => (isClosed = true))
    const body = JSON.stringify({ seq: 1, type: "request", command: "initialize" })
    socket.write(`POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    await until(() => Promise.resolve(isClosed ? true : null), "the end of the connection", 30_000)
    expect(heard).toBe("")
  })
})

describe("the Debug Adapter Protocol where tokens are asked for", () => {
  it("takes the editor's token, and no other", async () => {
    const right = randomBytes(32).toString("hex")
    const running = await agent({
      args: ["--dap-port", "0", "--token-file", "tokens"],
      prepare: (folder) => writeFileSync(join(folder, "tokens"), `operator ${right}\n`, { mode: 0o600 }),
    })
    const editor = await overTcp(String((running.ready as unknown as Fields)["dap"]))
    await editor.ask("initialize")
    const asked = { flow_id: "nobody", entry_routine_id: "x" }
    await expect(editor.ask("launch", { ...asked, token: randomBytes(32).toString("hex") })).rejects.toThrow(
      "not in the agent's token file",
    )
    await expect(editor.ask("launch", { ...asked, token: right })).rejects.toThrow("Flow 'nobody' not found")
    await editor.close()
    await running.close()
  })
})
