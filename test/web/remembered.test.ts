import { describe, expect, it } from "vitest"
import type { Agent, Outcome } from "../../src/web/answers.ts"
import { question } from "../../src/web/Question.ts"
import { remembering } from "../../src/web/remembered.ts"

const asked = question<number>("v1/thing")

/** Answers with how often it was asked. */
const counting = (logId: { value: string }) => {
  const world = { times: 0, fails: false }
  const answer = <A>(): Promise<Outcome<A>> => {
    world.times++
    const outcome: Outcome<unknown> = world.fails
      ? { _tag: "Unreachable", reason: "gone" }
      : { _tag: "Answered", value: world.times }
    return Promise.resolve(outcome as Outcome<A>)
  }
  const agent = remembering(
    { ask: answer, read: answer, follow: answer, act: answer, marksFrom: answer, timeline: answer } satisfies Agent,
    () => logId.value,
  )
  return { world, agent }
}

describe("answers about the past", () => {
  it("are asked for once, by position and by time; those about the present and spans back each time", async () => {
    const { world, agent } = counting({ value: "a" })
    for (const at of ["500", "500", "2026-01-31T03:00:00Z", "2026-01-31T03:00:00Z"]) await agent.ask(asked, at)
    expect(world.times).toBe(2)
    for (const at of [null, null, "-10s", "-10s"]) await agent.ask(asked, at)
    expect(world.times).toBe(6)
  })
  it("are not kept when there was none, nor for another log", async () => {
    const logId = { value: "a" }
    const { world, agent } = counting(logId)
    world.fails = true
    await agent.ask(asked, "500")
    world.fails = false
    expect(await agent.ask(asked, "500")).toEqual({ _tag: "Answered", value: 2 })
    logId.value = "b"
    await agent.ask(asked, "500")
    expect(world.times).toBe(3)
  })
  it("are let go, the longest unused first, before they fill the browser", async () => {
    const { world, agent } = counting({ value: "a" })
    for (let at = 1; at <= 400; at++) await agent.ask(asked, String(at))
    await agent.ask(asked, "1")
    await agent.ask(asked, "401")
    await agent.ask(asked, "1")
    expect(world.times).toBe(401)
    await agent.ask(asked, "2")
    expect(world.times).toBe(402)
  })
})
