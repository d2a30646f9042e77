// The commands that read recordings, on real files: what they print and how they end.

import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Envelope } from "../../src/domain/Envelope.ts"
import { collective, recordedOf, sessionOf, started } from "../session/given.ts"
import { annalist } from "./given.ts"

const sessionBytes = (events: ReadonlyArray<Envelope>) => Effect.runPromise(sessionOf(events))

/** Ranks 0 to 2 of 4 wait for longer than the limit; rank 3 took part before. */
const hanging = (): ReadonlyArray<Envelope> => {
  const round = (ranks: ReadonlyArray<number>, startTime: number, tag: "CollectiveStarted" | "CollectiveFinished") =>
    ranks.map((rank) => {
      const endTime = tag === "CollectiveStarted" ? null : startTime + 10
      return Object.assign({}, collective(rank), { _tag: tag, startTime, endTime }) as Envelope["event"]
    })
  const events = recordedOf([
    started,
    ...[1000, 2000, 3000].flatMap((time) =>
      round([0, 1, 2, 3], time, "CollectiveStarted").concat(round([0, 1, 2, 3], time, "CollectiveFinished")),
    ),
    ...round([0, 1, 2], 4000, "CollectiveStarted"),
    { _tag: "Ticked" },
  ])
  return events.map((envelope, index) =>
    index === events.length - 1 ? Object.assign({}, envelope, { at: envelope.at + 120_000_000 }) : envelope,
  )
}

describe("on a recording", () => {
  let folder = ""
  const place = (name: string) => join(folder, name)
  const put = async (name: string, content: string | Uint8Array) => {
    await writeFile(place(name), content)
    return place(name)
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "annalist-cli-test-"))
    await put("hang.ndjson", await sessionBytes(hanging()))
    await put("healthy.ndjson", await sessionBytes(hanging().slice(0, 25)))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  describe("explain", () => {
    it("says the sentence first, then a table, and ends with 3 when something hangs", async () => {
      const { code, out, err } = await annalist("explain", place("hang.ndjson"))
      expect(err).toBe("")
      expect(out).toMatch(/^rank 3 .*never entered allreduce #4 of allreduce\.cpp; .*3 ranks wait\n\nCOMMUNICATOR /)
      expect(out).toMatch(/missing_rank +allreduce #4 +0,1,2 +\d+ s/)
      expect(code).toBe(3)
    })

    it("ends with 0 when all is healthy", async () => {
      const { code, out } = await annalist("explain", place("healthy.ndjson"), "--json")
      expect(JSON.parse(out)).toMatchObject({ verdict: "healthy", position: 25 })
      expect(code).toBe(0)
    })

    it("looks at a past moment", async () => {
      const past = await annalist("explain", place("hang.ndjson"), "--at", "25", "--json")
      expect(past).toEqual(await annalist("explain", place("healthy.ndjson"), "--json"))
      expect(await annalist("explain", place("hang.ndjson"), "--at", "4711")).toMatchObject({ code: 2, out: "" })
      const wrong = await annalist("explain", place("hang.ndjson"), "--at", "yesterday")
      expect(wrong.code).toBe(2)
      expect(wrong.err).toMatch(/^annalist: at is "yesterday"; it takes a position/)
    })

    it("tells of a torn file what is missing, and explains what there is", async () => {
      const whole = await sessionBytes(hanging())
      const torn = await put("torn.ndjson", whole.subarray(0, whole.length - 400))
      const { code, err } = await annalist("explain", torn)
      expect(err).toMatch(/torn\.ndjson is torn after line \d+: it holds positions up to \d+; .* missing\n$/)
      expect([0, 3]).toContain(code)
    })

    it("refuses what is no session, or a damaged one, with 1", async () => {
      const foreign = await put("foreign.ndjson", `{"msg":"hello"}\n`)
      expect(await annalist("explain", foreign)).toEqual({
        code: 1,
        out: "",
        err: `annalist: ${foreign} is NDJSON, but no Annalist session: its first line has the fields msg, not "annalist"\n`,
      })
      expect((await annalist("explain", folder)).err).toMatch(/cannot be opened: .*no log of Annalist/)
      const damaged = await put(
        "damaged.ndjson",
        (await sessionBytes(hanging())).toString().replace(`"rank":2`, `"rank":1`),
      )
      const { code, err } = await annalist("explain", damaged)
      expect(code).toBe(1)
      expect(err).toMatch(
        /damaged\.ndjson is damaged: line 5 \(position 4\) does not match its checksum: .*; annalist verify .* lists all of it\n$/,
      )
    })
  })

  describe("verify", () => {
    it("ends with 0 on what is intact", async () => {
      const path = place("hang.ndjson")
      expect(await annalist("verify", path)).toEqual({
        code: 0,
        out: `${path} is intact: 29 events, positions 1 to 29\n`,
        err: "",
      })
    })

    it("ends with 4 on what is damaged, with the exact ranges", async () => {
      const text = (await sessionBytes(hanging())).toString()
      const path = await put(
        "broken.ndjson",
        text.replace(`"rank":2`, `"rank":1`).replace(`"position":9,`, `"position":8,`),
      )
      const { code, out } = await annalist("verify", path, "--json")
      expect(code).toBe(4)
      expect(JSON.parse(out)).toMatchObject({
        intact: false,
        kind: "file",
        damage: [
          { line: 5, from: 4, to: 4 },
          { line: 10, from: 9, to: 9 },
        ],
        damage_count: 2,
      })
      expect((await annalist("verify", path)).out).toMatch(
        /is damaged in 2 places, the first at line 5 \(position 4\): .*\nLINE {2}POSITIONS {2}WHAT\n5 +4 +does not match/,
      )
    })

    it("ends with 1 on what is no session, and on what is not there", async () => {
      expect((await annalist("verify", await put("text.txt", "hello\n"))).code).toBe(1)
      expect(await annalist("verify", place("nowhere"))).toMatchObject({
        code: 1,
        err: `annalist: ${place("nowhere")} does not exist\n`,
      })
    })
  })

  describe("export", () => {
    it.each([
      [["-o", "x", "--format", "docx"], `--format is "docx"; it takes ndjson, perfetto, parquet or csv`],
      [[], "-o FILE is missing: annalist export -o session.ndjson.gz writes there, -o - to standard output"],
      [["-o", "x", "--data", "a", "--url", "http://b"], "--data and --url are both given; an export has one source"],
      [
        ["-o", "x", "--url", "b:1"],
        `"b:1" is no address of an agent, such as http://127.0.0.1:8080; http://b:1 is one`,
      ],
    ])("refuses %j", async (words, reason) => {
      expect(await annalist("export", ...words)).toEqual({ code: 2, out: "", err: `annalist: ${reason}\n` })
    })

    it("leaves nothing behind when it fails", async () => {
      const empty = await mkdtemp(join(folder, "empty-"))
      const out = join(empty, "x.ndjson")
      expect((await annalist("export", "--url", "http://127.0.0.1:9", "-o", out)).code).toBe(1)
      expect(await readdir(empty)).toEqual([])
    })
  })
})
