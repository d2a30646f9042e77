import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { StateAnswer } from "../../src/wire/state.ts"
import { ask1, type Face, json, open } from "./face.ts"

let face: Face
const start = (rank: number) =>
  face.ask("/log_ccl", json({ opType: "barrier", context_rank: rank, context_size: 9, startTime: 5 }))
const state = async (query = "") =>
  JSON.parse((await ask1(face.port, { path: `/v1/state${query}` })).text) as StateAnswer

beforeAll(async () => {
  face = await open({})
  await start(0)
})
afterAll(() => face.close())

/** Reads states from a stream that goes on, until one is wanted; says all that it was told. */
const told = async (isWanted: (state: StateAnswer) => boolean): Promise<ReadonlyArray<StateAnswer>> => {
  const over = new AbortController()
  const response = await fetch(`http://127.0.0.1:${face.port}/v1/state?follow=true`, { signal: over.signal })
  expect(response.headers.get("content-type")).toBe("text/event-stream")
  const states: Array<StateAnswer> = []
  let rest = ""
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + text).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) if (line.startsWith("data: ")) states.push(JSON.parse(line.slice(6)) as StateAnswer)
    const last = states.at(-1)
    if (last === undefined) continue
    if (isWanted(last)) break
    if (states.length === 1) await start(1)
  }
  over.abort()
  return states
}

describe("GET /v1/state", () => {
  it("says where the last event of each type lies, now and at a moment", async () => {
    const { position, last } = await state()
    expect(last).toEqual({ CollectiveStarted: position })
    await start(2)
    expect((await state()).last).toEqual({ CollectiveStarted: position + 1 })
    expect((await state(`?at=${position}`)).last).toEqual({ CollectiveStarted: position })
  })

  it("tells how it stands at once, and again when the log has grown", async () => {
    const { position } = await state()
    const states = await told((one) => one.position > position)
    expect(states.map((one) => one.position)).toEqual([position, position + 1])
    expect(states.map((one) => one.last["CollectiveStarted"])).toEqual([position, position + 1])
  })

  it("says what follow takes", async () => {
    const answer = await ask1(face.port, { path: "/v1/state?follow=perhaps" })
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining("true or false")])
  })
})
