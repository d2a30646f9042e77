import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { StateAnswer } from "../../src/wire/state.ts"
import type { TimelineAnswer } from "../../src/wire/timeline.ts"
import { ask1, type Face, json, open } from "./face.ts"

let face: Face
const state = async () => JSON.parse((await ask1(face.port, { path: "/v1/state" })).text) as StateAnswer
const timeline = async (asked: Record<string, string | number>) => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(asked)) query.set(name, String(value))
  const answer = await ask1(face.port, { path: `/v1/timeline?${query.toString()}` })
  return { ...answer, body: JSON.parse(answer.text) as TimelineAnswer & { readonly detail: string } }
}

beforeAll(async () => {
  face = await open({})
  for (let rank = 0; rank < 5; rank++) {
    await face.ask("/log_ccl", json({ opType: "barrier", context_rank: rank, context_size: 5, startTime: 5 }))
  }
})
afterAll(() => face.close())

describe("GET /v1/timeline", () => {
  it("says the last position at each step: nothing before the log, everything after it", async () => {
    const { first, head } = await state()
    const begun = Date.parse(first.at ?? "")
    const from = new Date(begun - 2_000).toISOString()
    const to = new Date(Date.parse(head.at ?? "") + 3_600_000).toISOString()
    const { body, headers } = await timeline({ from, to, step: 60 })
    expect([body.positions[0], body.positions.at(-1)]).toEqual([0, head.position])
    expect(body.positions).toEqual(body.positions.toSorted((one, other) => one - other))
    expect(headers["annalist-position"]).toBe(String(body.position))
  })

  it("ends where the moment that is asked about ends", async () => {
    const { head } = await state()
    const to = new Date(Date.parse(head.at ?? "") + 10_000).toISOString()
    const { body } = await timeline({ from: to, to, step: 1, at: 2 })
    expect([body.position, body.positions]).toEqual([2, [2]])
  })

  it("says what is wrong with what was asked, and what would be right", async () => {
    const [from, to] = ["2026-01-31T03:00:00Z", "2026-01-31T04:00:00Z"]
    const refused = await Promise.all([
      timeline({ from, to }),
      timeline({ from, to, step: -1 }),
      timeline({ to, step: 1 }),
      timeline({ from: 4, to, step: 1 }),
      timeline({ from, to, step: 1 }),
    ])
    expect(refused.map(({ status, body }) => [status, body.detail])).toEqual([
      [400, expect.stringContaining("step takes the seconds")],
      [400, expect.stringContaining("step takes the seconds")],
      [400, expect.stringContaining("from takes an ISO 8601 time")],
      [400, expect.stringContaining("from takes an ISO 8601 time")],
      [400, expect.stringContaining("make 3601 boundaries; at most 1000")],
    ])
  })

  it("has no step where the end lies before the beginning", async () => {
    const { body } = await timeline({ from: "2026-01-31T04:00:00Z", to: "2026-01-31T03:00:00Z", step: 1 })
    expect(body.positions).toEqual([])
  })
})
