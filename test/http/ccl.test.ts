import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as wire from "../../src/wire/verdict.ts"
import { ask1, type Face, open } from "./face.ts"

let face: Face
beforeAll(async () => {
  face = await open()
})
afterAll(() => face.close())

const ranks = 4
const collectives = 200

/** A job of four ranks: rank 2 comes last each time, 300 µs after the others; each later sends to the next. */
const job = (name: string): string => {
  const lines: Array<string> = []
  for (let ordinal = 0; ordinal < collectives; ordinal++) {
    const begin = 1_000_000 + 10_000 * ordinal
    const end = begin + 500
    for (const finished of [false, true]) {
      for (let rank = 0; rank < ranks; rank++) {
        const startTime = begin + (rank === 2 ? 300 : rank)
        lines.push(
          JSON.stringify({
            opType: "allreduce",
            algorithm: "ring",
            dataType: "float32",
            count: 1024,
            rootRank: -1,
            context_rank: rank,
            context_size: ranks,
            startTime,
            endTime: finished ? end + rank : 0,
            filename: "train.py",
            finished,
            run_id: name,
            pid: 100 + rank,
          }),
        )
      }
    }
  }
  const transfer = { context_size: ranks, filename: "train.py", run_id: name, startTime: 4e6, bytes: 4096 }
  for (const endTime of [0, 4_000_100]) {
    lines.push(
      JSON.stringify({ ...transfer, opType: "send", remoteRank: 1, context_rank: 0, pid: 100, endTime }),
      JSON.stringify({ ...transfer, opType: "recv", remoteRank: 0, context_rank: 1, pid: 101, endTime }),
    )
  }
  return lines.join("\n")
}

beforeAll(async () => {
  for (const name of ["one", "two"]) {
    const answer = await face.ask("/log_ccl", {
      method: "POST",
      headers: { "content-type": "application/x-ndjson" },
      body: job(name),
    })
    expect(await answer.json()).toMatchObject({ accepted: 2 * ranks * collectives + 4, rejected: [] })
  }
})

const get = async <A, I>(path: string, schema: Schema.Schema<A, I>): Promise<A> => {
  const answer = await ask1(face.port, { path: `/v1/ccl/${path}` })
  const body: unknown = JSON.parse(answer.text)
  expect(answer.status, answer.text.slice(0, 500)).toBe(200)
  expect(Schema.is(schema)(body), path).toBe(true)
  expect(answer.headers["annalist-position"]).toBe(String((body as { position: number }).position))
  return body as A
}
const refused = async (path: string) => {
  const { status, text } = await ask1(face.port, { path: `/v1/ccl/${path}` })
  return { status, detail: (JSON.parse(text) as { detail: string }).detail }
}

describe("GET /v1/ccl/…", () => {
  it("answers in the promised shapes, for all communicators or one", async () => {
    const all = await get("communicators", wire.CommunicatorsAnswer)
    expect(all.communicators.map(({ id, size, collectives: seen }) => [id, size, seen])).toEqual([
      ["one/4", 4, collectives],
      ["two/4", 4, collectives],
    ])
    const one = await get("ranks?communicator=one/4", wire.RanksAnswer)
    expect(one.ranks.map(({ rank }) => rank)).toEqual([0, 1, 2, 3])
    const last = one.ranks.find(({ rank }) => rank === 2)
    expect(last?.arrived_last_percent).toBeGreaterThan(95)
    const { pairs } = await get("matrix?communicator=two/4", wire.MatrixAnswer)
    expect(pairs).toMatchObject([{ communicator: "two/4", from: 0, to: 1, sends: 1, receives: 1, bytes: 4096 }])
    const { groups } = await get("statistics?communicator=one/4", wire.StatisticsAnswer)
    expect(groups).toMatchObject([{ communicator: "one/4", op: "allreduce", ranks: 4 }])
    expect((await get("waits", wire.WaitsAnswer)).waits).toEqual([])
    const verdict = await get("verdict?communicator=two/4", wire.VerdictAnswer)
    expect(verdict.all.map(({ communicator }) => communicator?.id)).toEqual(["two/4"])
  })

  it("tells the same of a past moment", async () => {
    const { communicators } = await get("communicators?at=8", wire.CommunicatorsAnswer)
    expect(communicators.map(({ id, collectives: seen }) => [id, seen])).toEqual([["one/4", 1]])
    const { waits } = await get("waits?at=4&communicator=one/4", wire.WaitsAnswer)
    expect(waits.map(({ rank }) => rank)).toEqual([0, 1, 2, 3])
  })

  it("says which communicators there are when another is asked for", async () => {
    const answer = await refused("ranks?communicator=three")
    expect(answer.status).toBe(404)
    expect(answer.detail).toContain('no communicator "three"')
    expect(answer.detail).toContain("/v1/ccl/communicators")
  })
})
