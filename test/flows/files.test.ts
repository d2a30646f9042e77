// Flows and routines as files: there when the agent is ready, and taken anew when they change.

import { copyFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { root, until } from "../program.ts"
import { type Agent, agent, type Fields } from "./drive.ts"

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const text = (routine: string) => `routines: { only: { class: ${routine} } }\n`

describe("the folder of routines", () => {
  let running: Agent
  const flowFile = (name: string) => join(running.folder, "routines", name)
  beforeAll(async () => {
    running = await agent({
      prepare: (folder) => {
        writeFileSync(join(folder, "routines", "chain.flow.yaml"), text("demo.Validate"))
        writeFileSync(join(folder, "routines", "bad.flow.json"), '{"routines": {"a": {"class": "no.Such"}}}')
      },
    })
  })
  afterAll(() => running.close())
  const classOf = (flow: string, expected: string) =>
    until(async () => {
      const { body } = await running.ask("GET", `/api/flows/${flow}`)
      const routines = (body["routines"] ?? {}) as Readonly<Record<string, Fields>>
      return routines["only"]?.["class_name"] === expected || null
    }, `${flow} of ${expected}`)

  it("holds flows, which are there from the start, and says what is wrong with one that is not", async () => {
    await classOf("chain", "demo.Validate")
    expect(running.stderr()).toMatch(/bad\.flow\.json is as it was: Routine 'a': unknown class 'no\.Such'/)
  })

  it("is looked at again: a flow that changed, a routine that is new", async () => {
    writeFileSync(flowFile("chain.flow.yaml"), text("demo.Ingest"))
    await classOf("chain", "demo.Ingest")
    copyFileSync(join(root, "fixtures", "routines", "demo.mjs"), flowFile("newer.mjs"))
    const added = async () => {
      const body = { flow_id: "newest", dsl_dict: { routines: { only: { class: "newer.Process" } } } }
      return (await running.ask("POST", "/api/flows", body)).status === 201 || null
    }
    await until(added, "a class of a new file", 30_000)
    expect((await running.ask("GET", "/api/health")).status).toBe(200)
  })
})
