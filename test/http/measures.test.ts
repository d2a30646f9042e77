// A process's own numbers: taken, shown with their rates, and refused with what would be right.

import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Face, json, open } from "./face.ts"

let face: Face
beforeAll(async () => {
  face = await open()
})
afterAll(() => face.close())

const report = async (body: unknown) => {
  const answer = await face.ask("/v1/metrics/custom", json(body))
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const shown = async (path: string) =>
  (await (await face.ask(path)).json()) as { measures: Array<Record<string, unknown>> }

describe("custom metrics", () => {
  it("are taken for a run, and shown at any moment since", async () => {
    const { status, body } = await report({ run: "train-7", labels: { rank: "0" }, gauges: { loss: 0.25 } })
    expect([status, body["accepted"], body["run"]]).toEqual([200, 1, "train-7"])
    await report({ run: "train-7", labels: { rank: "0" }, gauges: { loss: 0.2 } })
    const expected = {
      name: "loss",
      kind: "gauge",
      labels: { run: "train-7", rank: "0" },
      rate: null,
      collector: "custom",
    }
    expect((await shown("/v1/measures?collector=custom")).measures).toMatchObject([{ ...expected, value: 0.2 }])
    const past = await shown(`/v1/measures?at=${String(body["position"])}`)
    expect(past.measures).toMatchObject([{ ...expected, value: 0.25 }])
  })

  it("belong to the process that reports when no run is named", async () => {
    const { body } = await report({ counters: { steps_total: 3 } })
    expect(body["run"]).toBe(`pid:${process.pid}`)
  })

  it.each([
    [{}, "it holds no numbers"],
    [{ gauges: { "no name": 1 } }, "gauges"],
    [{ gauges: { loss: "high" } }, "gauges.loss"],
    [{ gauges: { loss: 1 }, labels: { rank: 7 } }, "labels.rank"],
    [{ gauges: { loss: 1 }, who: 1 }, "who"],
    [[1], "the body"],
  ])("are refused as %j, with what would be right", async (body, where) => {
    const answer = await report(body)
    expect(answer.status).toBe(400)
    expect(answer.body["detail"]).toContain(where)
  })
})
