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
    const verdict = await get("verdict", wire.VerdictAnswer)
    expect(verdict.all.map(({ communicator }) => communicator?.id)).toEqual(["one/4", "two/4"])
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

const operations = (query: string) => get(`operations?${query}`, wire.OperationsAnswer)

describe("GET /v1/ccl/operations", () => {
  it("has every collective once, with each rank's start, end and wait on one clock", async () => {
    const { operations: found, next } = await operations("from=1&communicator=one/4&limit=10000")
    expect(next).toBeNull()
    const columns = found.filter(({ ordinal }) => ordinal !== null)
    expect(columns.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: collectives }, (_, index) => index + 1))
    for (const { ranks: who, starts_micros, ends_micros, waits_micros, last_rank, transfer_micros } of columns) {
      expect(who).toEqual([0, 1, 2, 3])
      const begin = (starts_micros[2] ?? 0) - 300
      for (const rank of [0, 1, 3]) {
        expect(Math.abs((starts_micros[rank] ?? 0) - begin - rank)).toBeLessThanOrEqual(4)
        expect(Math.abs((waits_micros[rank] ?? 0) - (300 - rank))).toBeLessThanOrEqual(4)
        expect(ends_micros[rank] ?? 0).toBeGreaterThan(starts_micros[rank] ?? Infinity)
      }
      expect(last_rank).toBe(2)
      expect(transfer_micros).toBe(202)
    }
    expect(found.filter(({ ordinal }) => ordinal === null)).toMatchObject([
      { op: "send", ranks: [0], remote_rank: 1, bytes: 4096 },
      { op: "recv", ranks: [1], remote_rank: 0, bytes: 4096 },
    ])
  })

  it("places the reporters' clocks in the agent's time", async () => {
    const { operations: found } = await operations("from=1&limit=10000")
    const now = Date.now() * 1000
    for (const { start_micros, end_micros } of found) {
      expect(start_micros).toBeGreaterThan(now - 600e6)
      expect(end_micros).toBeLessThan(now + 10e6)
    }
  })

  it("goes on with a cursor, losing none and doubling none", async () => {
    const whole = await operations("from=1&limit=10000")
    const pages: Array<(typeof whole.operations)[number]> = []
    let cursor = 0
    for (let asked = 0; asked < 100; asked++) {
      const page = await operations(`from=1&limit=20&cursor=${cursor}`)
      pages.push(...page.operations)
      if (page.next === null) break
      expect(page.next).toBeGreaterThan(cursor)
      cursor = page.next
    }
    expect(pages).toEqual(whole.operations)
  })

  it("keeps to its range, and shows what was in flight at its end", async () => {
    const { operations: found, to } = await operations("from=801&to=1196&communicator=one/4")
    expect(to).toBe(1196)
    expect(found.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 50 }, (_, index) => index + 101))
    expect(found.at(-1)).toMatchObject({ end_micros: null, finished: 0, present: 4 })
  })

  it("comes in slices of time, with the worst wait of each rank", async () => {
    const { tracks, slice_micros } = await get("operations?from=1&resolution=60", wire.CoarseOperationsAnswer)
    expect(slice_micros).toBe(60e6)
    expect(tracks.map(({ communicator, rank }) => `${communicator} ${rank}`)).toEqual(
      ["one/4", "two/4"].flatMap((id) => [0, 1, 2, 3].map((rank) => `${id} ${rank}`)),
    )
    for (const { rank, operations: counts, busy_micros, worst_wait_micros } of tracks) {
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(collectives + (rank < 2 ? 1 : 0))
      expect(busy_micros.reduce((sum, micros) => sum + micros, 0)).toBeGreaterThan(200 * collectives)
      expect(Math.abs(Math.max(...worst_wait_micros) - (rank === 2 ? 0 : 298))).toBeLessThanOrEqual(3)
    }
  })

  it("refuses what makes no sense, and says what would", async () => {
    expect((await refused("operations?resolution=fast")).detail).toContain("seconds from 0.001 to 86400")
    expect((await refused("operations?limit=0")).detail).toContain("a whole number from 1 to 10000")
    expect((await refused("operations?from=yesterday")).detail).toContain("ISO 8601")
    expect((await refused("operations?communicator=none")).status).toBe(404)
  })
})
