// annalist replay, the real program: its ready line, the routes that move it, its pace, and its end.

import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { quietPorts, run, type Running, scratch, serve, until } from "../program.ts"

const fixture = "fixtures/sessions/four-ranks-hang.ndjson"

interface Told {
  readonly state: string
  readonly speed: number | "max"
  readonly now: { readonly position: number; readonly at: string | null }
  readonly first: { readonly position: number }
  readonly last: { readonly position: number }
}

describe("annalist replay", () => {
  let running: Running
  const ask = async (path: string, body?: unknown): Promise<{ readonly status: number; readonly told: Told }> => {
    const asked = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } }
    const response = await fetch(`${running.ready.http}${path}`, body === undefined ? {} : asked)
    return { status: response.status, told: (await response.json()) as Told }
  }
  beforeAll(async () => {
    running = await serve(["replay", fixture, "--paused"])
  })
  afterAll(() => running.stop())

  it("is held before the first event when it is told so", async () => {
    expect((await ask("/v1/replay")).told).toMatchObject({
      state: "paused",
      speed: 1,
      now: { position: 0, at: null },
      first: { position: 1 },
      last: { position: 617 },
    })
    expect((await ask("/v1/state")).told).toMatchObject({ position: 0, source: "replay", read_only: true })
  })

  it("steps, seeks ahead and back, and answers as of then", async () => {
    expect((await ask("/v1/replay/step", {})).told.now.position).toBe(1)
    expect((await ask("/v1/replay/step", { events: 3 })).told.now.position).toBe(4)
    for (const to of [617, 100, "2026-11-21T04:00:52.708Z", "-30s"]) {
      const { told } = await ask("/v1/replay/seek", { to })
      expect((await ask("/v1/state")).told).toMatchObject({ position: told.now.position, at: told.now.at })
    }
  })

  it("goes on at the pace that it is told, to the end, and stays there", async () => {
    expect((await ask("/v1/replay/seek", { to: 600 })).told.state).toBe("paused")
    expect((await ask("/v1/replay/speed", { speed: "max" })).told.speed).toBe("max")
    await ask("/v1/replay/resume", {})
    await until(async () => ((await ask("/v1/replay")).told.state === "ended" ? true : null), "the end of the replay")
    expect(await (await fetch(`${running.ready.http}/v1/ccl/verdict`)).json()).toMatchObject({
      verdict: "missing_rank",
    })
    await ask("/v1/replay/pause", {})
    expect((await ask("/v1/replay/seek", { to: 3 })).told).toMatchObject({ state: "paused", now: { position: 3 } })
  })

  it.each([
    ["seek", {}, "the body must be"],
    ["seek", { to: "soon" }, "the body must be"],
    ["seek", { to: 618 }, "from position 1 to 617"],
    ["step", { events: 0 }, "from 1 to 1000000"],
    ["speed", { speed: 0 }, "from 0.01 to 10000"],
  ])("refuses %s %j and says what would be right", async (what, body, said) => {
    const { status, told } = await ask(`/v1/replay/${what}`, body)
    expect([status, (told as unknown as { detail: string }).detail]).toEqual([400, expect.stringContaining(said)])
  })

  it("starts no process and takes no command", async () => {
    const response = await fetch(`${running.ready.http}/v1/processes`, {
      method: "POST",
      body: JSON.stringify({ argv: ["true"] }),
      headers: { "content-type": "application/json" },
    })
    expect([response.status, await response.json()]).toEqual([
      403,
      expect.objectContaining({ detail: expect.stringContaining("this is a replay") as string }),
    ])
  })

  it("sends its collectives to a running agent, which then says the same", async () => {
    const { path, remove } = await scratch()
    const agent = await serve(["agent", "--data", path, ...quietPorts])
    const sent = await run(["replay", fixture, "--speed", "max", "--to", agent.ready.http])
    expect([sent.code, sent.stdout]).toEqual([0, expect.stringMatching(/: \d+ collectives sent to http/)])
    const asked = "/v1/events?types=CollectiveStarted,CollectiveFinished"
    const collectivesAt = async (http: string) =>
      (await (await fetch(`${http}${asked}`)).text())
        .trimEnd()
        .split("\n")
        .map((line) => JSON.stringify((JSON.parse(line) as { readonly data: unknown }).data))
    await ask("/v1/replay/seek", { to: 617 })
    expect(await collectivesAt(agent.ready.http)).toEqual(await collectivesAt(running.ready.http))
    await agent.stop()
    await remove()
  })

  it("says when nobody is there to send to", async () => {
    const sent = await run(["replay", fixture, "--to", "http://127.0.0.1:9"])
    expect([sent.code, sent.stderr]).toEqual([1, expect.stringContaining("http://127.0.0.1:9 cannot be reached")])
  })

  it("ends in order", async () => {
    const other = await serve(["replay", fixture, "--speed", "max"])
    expect((await other.stop()).code).toBe(0)
  })
})
