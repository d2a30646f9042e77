import { describe, expect, it } from "vitest"
import { agentAt } from "../../src/web/answers.ts"
import { wordOf } from "../../src/web/verdictWords.ts"
import { metricsAsked, stateAsked } from "../../src/web/questions.ts"
import { state } from "./given.ts"

const answering = (response: () => Response | Promise<Response>) => {
  const asked: Array<string> = []
  const agent = agentAt("http://agent.test/under/?at=7", (url) => {
    asked.push(url instanceof URL ? url.href : "")
    return Promise.resolve(response())
  })
  return { agent, asked }
}
const said = (status: number, body: string) => () => new Response(body, { status })

describe("asking the agent", () => {
  it("stays under the page's own address, at the moment that is wanted", async () => {
    const { agent, asked } = answering(said(200, JSON.stringify(state())))
    expect(await agent.ask(stateAsked, "2026-01-31T03:00:00+01:00")).toMatchObject({ value: { node: "node-7" } })
    await agent.ask(metricsAsked, null)
    expect(asked).toEqual([
      "http://agent.test/under/v1/state?at=2026-01-31T03%3A00%3A00%2B01%3A00",
      "http://agent.test/under/metrics",
    ])
  })

  it("reads marks as lines", async () => {
    const event = { position: 4, at: "2026-01-31T03:00:00.000000Z", type: "ProcessBooted", data: { process: "p" } }
    const { agent, asked } = answering(said(200, `${JSON.stringify(event)}\n`))
    expect(await agent.marksFrom(3)).toMatchObject({ value: [{ position: 4, words: "booted" }] })
    expect(new URL(asked[0] ?? "").searchParams.get("from")).toBe("3")
  })

  it("hears the reason of a refusal in both shapes that there are", async () => {
    const problem = answering(said(400, '{"type":"about:blank","detail":"at is \\"x\\""}')).agent
    expect(await problem.ask(stateAsked, "x")).toEqual({ _tag: "Refused", detail: 'at is "x"', status: 400 })
    const error = answering(said(404, '{"error":"no sample yet"}')).agent
    expect(await error.ask(metricsAsked, null)).toEqual({ _tag: "Refused", detail: "no sample yet", status: 404 })
    const bare = answering(said(403, "<html>")).agent
    expect(await bare.ask(stateAsked, null)).toEqual({ _tag: "Refused", detail: "it answered 403", status: 403 })
  })

  it("takes a failing agent, a broken answer and a lost connection for an agent that is away", async () => {
    const reasons = await Promise.all(
      [
        said(503, '{"detail":"the log cannot be read"}'),
        said(200, '{"position":'),
        () => Promise.reject(new TypeError("Failed to fetch")),
        () => Promise.reject(new DOMException("signal timed out", "TimeoutError")),
      ].map((response) => answering(response).agent.ask(stateAsked, null)),
    )
    expect(reasons).toEqual([
      { _tag: "Unreachable", reason: "the log cannot be read" },
      { _tag: "Unreachable", reason: "its answer was cut short or is not JSON" },
      { _tag: "Unreachable", reason: "the connection failed" },
      { _tag: "Unreachable", reason: "no answer within 10 s" },
    ])
  })
})

describe("the word for a verdict", () => {
  it("of a kind that a newer agent knows is its name", () => {
    expect(wordOf("bit_rot")).toEqual({ word: "bit rot", tone: "unsure" })
    expect(wordOf("constructor")).toEqual({ word: "constructor", tone: "unsure" })
  })
})
