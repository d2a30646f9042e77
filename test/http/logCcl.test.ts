import { hostname } from "node:os"
import { Either, Schema } from "effect"
import fc from "fast-check"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import type { Event } from "../../src/domain/Event.ts"
import { CollectiveEvent } from "../../src/domain/events/CollectiveEvents.ts"
import { eventOf } from "../../src/wire/ccl.ts"
import { CclRecord } from "../../src/wire/cclAnswers.ts"
import { ask1, ask2, connect2, type Face, json, open } from "./face.ts"

let face: Face
let seen = 0
beforeAll(async () => {
  face = await open()
})
afterAll(() => face.close())

/** The events since the last look. */
const fresh = async (): Promise<ReadonlyArray<Event>> => {
  const events = (await face.events()).map(({ event }) => event)
  const found = events.slice(seen)
  seen = events.length
  return found
}
afterEach(async () => {
  await fresh()
})

const start = {
  opType: "allreduce",
  algorithm: "ring",
  dataType: "float32",
  count: 1024,
  rootRank: -1,
  context_rank: 2,
  context_size: 4,
  startTime: 1703448237123456,
  endTime: 0,
  filename: "allreduce.cpp",
  finished: false,
}
const send = {
  opType: "send",
  remoteRank: 3,
  context_rank: 1,
  context_size: 4,
  bytes: 4096,
  startTime: 1703448238123456,
  endTime: 1703448238234567,
  filename: "p2p_comm.cpp",
  finished: true,
}
const post = (body: unknown) => face.ask("/log_ccl", json(body))
const ndjson = (body: string) =>
  face.ask("/log_ccl", { method: "POST", headers: { "content-type": "application/x-ndjson" }, body })

describe("one record", () => {
  it("of the seed becomes a collective, with the reporting process", async () => {
    const answer = await post(start)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('{"message":"Log processed"}')
    expect(await fresh()).toEqual([
      {
        _tag: "CollectiveStarted",
        reporter: { key: `pid ${process.pid}`, runId: null, host: hostname(), pid: process.pid },
        communicator: null,
        op: "allreduce",
        rank: 2,
        size: 4,
        startTime: 1703448237123456,
        endTime: 0,
        filename: "allreduce.cpp",
        seq: null,
        algorithm: "ring",
        dataType: "float32",
        count: 1024,
        rootRank: -1,
        extra: null,
      },
    ])
  })

  it("of point-to-point becomes a transfer", async () => {
    await post(send)
    expect(await fresh()).toMatchObject([{ _tag: "TransferFinished", op: "send", remoteRank: 3, bytes: 4096, rank: 1 }])
  })

  it("keeps what nobody here knows, and names its reporter itself if it wants", async () => {
    await post({ ...start, run_id: "job 7", comm_id: 3, host: "node-9", pid: 42, seq: 5, note: { deep: [1, null] } })
    expect(await fresh()).toMatchObject([
      {
        reporter: { key: "job 7", runId: "job 7", host: "node-9", pid: 42 },
        communicator: "3",
        seq: 5,
        extra: { note: { deep: [1, null] } },
      },
    ])
  })

  it.each([
    ["nothing", "", /there is no JSON/],
    ["no JSON", "{", /closing }/],
    ["a string", '"x"', /must be a JSON object with an opType, not a string/],
    ["null", "null", /not null/],
    ["no opType", "{}", /opType is missing/],
    ["an opType that is no text", { opType: 5 }, /opType must be a string, not a number/],
    ["an empty opType", { opType: "" }, /opType must have 1 to 256 characters/],
    ["a fraction", { ...start, count: 1.5 }, /count must be a whole number, not 1\.5/],
    ["a number as text", { ...start, context_rank: "2" }, /context_rank must be a whole number, not a string/],
    ["a negative number", { ...start, startTime: -1 }, /startTime must be 0 or more, not -1/],
    ["a root below -1", { ...start, rootRank: -2 }, /rootRank must be -1 or more, not -2/],
    ["a number that no double holds", `{"opType":"x","count":1e400}`, /too large a number/],
    ["a number that a double holds badly", { ...start, count: 2 ** 60 }, /count must be at most/],
    ["a rank beyond all jobs", { ...start, context_size: 2 ** 40 }, /context_size must be at most 2147483647/],
    [
      "a rank that its size has no room for",
      { ...start, context_rank: 4 },
      /context_rank must be less than context_size \(4\), not 4/,
    ],
    ["a count of 2^63", `{"opType":"x","count":9223372036854775808}`, /count must be at most 9007199254740991/],
    ["a negative count", { ...start, count: -7 }, /count must be 0 or more, not -7/],
    ["finished as a word", { ...start, finished: "yes" }, /finished must be true or false, not a string/],
    ["a name of a megabyte", { ...start, filename: "x".repeat(5000) }, /filename must have at most 4096/],
  ])("is refused when it is %s", async (_, body, says) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect((JSON.parse(await answer.text()) as { error: string }).error).toMatch(says)
    expect(await fresh()).toEqual([])
  })

  it("is answered and recorded alike whether it is written plainly or has to be looked at twice", async () => {
    const plain = JSON.stringify({ ...start, pid: 4312 })
    const answers = []
    const recorded = []
    for (const body of [plain, plain.replace("allreduce", "all\\u0072educe")]) {
      const { status, headers, text } = await ask1(face.port, {
        method: "POST",
        path: "/log_ccl",
        headers: { host: face.host, "content-type": "application/json" },
        body,
      })
      answers.push({ status, headers: { ...headers, date: "" }, text })
      recorded.push(await fresh())
    }
    expect(answers[0]).toEqual(answers[1])
    expect(recorded[0]).toEqual(recorded[1])
    expect(recorded[0]).toHaveLength(1)
  })

  it("written plainly comes past no rule of the door", async () => {
    const session = await connect2(face.url)
    const body = JSON.stringify({ ...start, pid: 4312 })
    const posted = (more: Readonly<Record<string, string>>) =>
      ask2(session, { ":method": "POST", ":path": "/log_ccl", "content-type": "application/json", ...more }, body)
    const asked = [
      { ":authority": "elsewhere.example" },
      { origin: "https://elsewhere.example" },
      { "sec-fetch-site": "cross-site" },
      { authorization: "Bearer nobody" },
      { "content-encoding": "gzip" },
    ]
    const statuses = []
    for (const more of asked) statuses.push((await posted(more)).status)
    session.close()
    expect(statuses).toEqual([403, 403, 403, 401, 415])
    expect(new Set((await fresh()).map(({ _tag }) => _tag))).toEqual(new Set(["AccessRefused"]))
  })

  it("may leave out everything but its opType, and null is the same as left out", async () => {
    await post({ opType: "barrier" })
    await post(Object.fromEntries([...Object.keys(start).map((key) => [key, null]), ["opType", "barrier"]]))
    const [first, second] = await fresh()
    expect(first).toEqual(second)
    expect(first).toMatchObject({ _tag: "CollectiveStarted", rank: null, size: null, startTime: null })
  })

  it("is finished when it says so, or else when its end lies behind its start", () => {
    const tag = (fields: object) =>
      Either.getOrThrow(eventOf({ opType: "x", ...fields }, { pid: null, host: null, address: "a" }))._tag
    expect(tag({ startTime: 5, endTime: 5, finished: true })).toBe("CollectiveFinished")
    expect(tag({ startTime: 5, endTime: 9, finished: false })).toBe("CollectiveStarted")
    expect(tag({ startTime: 5, endTime: 9 })).toBe("CollectiveFinished")
    expect(tag({ startTime: 5, endTime: 5 })).toBe("CollectiveStarted")
    expect(tag({ remoteRank: 1, rootRank: 0 })).toBe("CollectiveStarted")
    expect(tag({ remoteRank: 1 })).toBe("TransferStarted")
  })

  it("is always an event that the log's schema takes, and is taken by the documented shape", () => {
    const isEvent = Schema.is(CollectiveEvent)
    const isRecord = Schema.is(CclRecord)
    const scalar = fc.oneof(
      fc.integer({ min: -2, max: 9 }),
      fc.boolean(),
      fc.string(),
      fc.constant(null),
      fc.constant(-0),
    )
    const names = [...Object.keys(start), "bytes", "remoteRank", "run_id", "comm_id", "seq", "host", "pid", "other"]
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), scalar), (record) => {
        const event = eventOf(record, { pid: 7, host: "h", address: "127.0.0.1" })
        if (Either.isRight(event)) expect(isEvent(event.right)).toBe(true)
        const { context_rank: rank, context_size: size } = record
        const fits = typeof rank !== "number" || typeof size !== "number" || rank < size
        if (fits && isRecord(record) && record.opType.length <= 256) expect(Either.isRight(event)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe("many records", () => {
  it("in an array are recorded together, a bad one losing no good one", async () => {
    const answer = await post([start, { opType: 1 }, send, 5])
    expect(await answer.json()).toEqual({
      message: "Log processed",
      accepted: 2,
      rejected: [
        { line: 2, error: "opType must be a string, not a number" },
        { line: 4, error: expect.stringContaining("must be a JSON object") as string },
      ],
    })
    expect(await fresh()).toHaveLength(2)
    expect(await (await post([])).json()).toEqual({ message: "Log processed", accepted: 0, rejected: [] })
  })

  it("in lines are taken with any ends of lines, empty ones passed over", async () => {
    const line = JSON.stringify(start)
    const answer = await ndjson(`${line}\r\n\n{"opType":\n${line}\n  \n${JSON.stringify(send)}`)
    expect(await answer.json()).toMatchObject({
      accepted: 3,
      rejected: [{ line: 3, error: expect.any(String) as string }],
    })
    expect(await fresh()).toHaveLength(3)
  })

  it("may be more than any one body may hold", async () => {
    const lines = Array.from({ length: 6000 }, (_, index) => JSON.stringify({ ...start, startTime: index }))
    const body = `${lines.join("\n")}\n`
    expect(body.length).toBeGreaterThan(1_000_000)
    expect(await (await ndjson(body)).json()).toEqual({ message: "Log processed", accepted: 6000, rejected: [] })
    const events = await fresh()
    expect(events.map((event) => "startTime" in event && event.startTime)).toEqual(lines.map((_, index) => index))
  })

  it("with a line that is too long lose that line only", async () => {
    const long = JSON.stringify({ opType: "x", more: "m".repeat(300_000) })
    const answer = await ndjson(`${JSON.stringify(start)}\n${long}\n${JSON.stringify(start)}\n`)
    expect(await answer.json()).toMatchObject({
      accepted: 2,
      rejected: [{ line: 2, error: "the line is longer than 262144 bytes, which is the limit" }],
    })
  })

  it("with very many bad lines name the first thousand and count the rest", async () => {
    const body = (await (await ndjson("x\n".repeat(1500))).json()) as {
      rejected: Array<unknown>
      rejected_count: number
    }
    expect(body.rejected).toHaveLength(1000)
    expect(body.rejected_count).toBe(1500)
  })

  it("arrive on one HTTP/2 session from many ranks at once, each answered when it is durable", async () => {
    const session = await connect2(face.cclUrl)
    const head = { ":path": "/log_ccl", ":method": "POST", "content-type": "application/json" }
    const answers = await Promise.all(
      Array.from({ length: 400 }, (_, rank) =>
        ask2(session, head, JSON.stringify({ ...start, context_rank: rank, context_size: 400 })),
      ),
    )
    session.close()
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
      new Set(['200 {"message":"Log processed"}']),
    )
    const ranks = (await fresh()).map((event) => ("rank" in event ? (event.rank ?? -1) : -1))
    expect(ranks.sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, rank) => rank))
  })
})

describe("records that tell little", () => {
  it("are taken, and the verdict says what it lacks", async () => {
    const other = await open()
    const verdict = async () =>
      (await (await other.ask("/v1/ccl/verdict")).json()) as { missing_evidence: Array<string> }
    const body = `{"opType":"barrier"}\n{"opType":"barrier","context_rank":1}\n`
    const lines = { method: "POST", headers: { "content-type": "application/x-ndjson" }, body }
    expect(await (await other.ask("/log_ccl", lines)).json()).toMatchObject({ accepted: 2, rejected: [] })
    expect(await verdict()).toMatchObject({
      verdict: "cannot_tell",
      sentence: expect.stringContaining("context_rank, context_size") as string,
      missing_evidence: ["the rank or the size in 2 records, which do not name them"],
    })
    await other.ask("/log_ccl", json(start))
    expect((await verdict()).missing_evidence.at(-1)).toContain("the rank or the size in 2 records")
    await other.close()
  })

  it("may end before they begin, or end what nobody began", async () => {
    const finish = { ...start, finished: true, endTime: start.startTime - 5 }
    expect((await post(finish)).status).toBe(200)
    expect((await post({ ...finish, startTime: 77, endTime: 99 })).status).toBe(200)
    expect(await fresh()).toMatchObject([{ _tag: "CollectiveFinished" }, { _tag: "CollectiveFinished" }])
  })
})

describe("the media type of a report", () => {
  it("is JSON or NDJSON", async () => {
    const headers = { host: face.host, "content-type": "text/plain" }
    const answer = await ask1(face.port, { path: "/log_ccl", method: "POST", headers, body: "{}" })
    expect(answer.status).toBe(415)
    expect(answer.text).toContain("application/json or application/x-ndjson")
  })
})
