// Reports of collectives into the real agent, acknowledged durable: single posts beside a bare HTTP/2 server, lines in bulk beside the
// least that must be done with the same bytes. Agent and bare server are processes of their own; the load comes from this one.

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ClassicLevel } from "classic-level"
import { Either } from "effect"
import { encodeBlock } from "../src/log/block/BlockCodec.ts"
import { hashOf } from "../src/log/block/BlockHeader.ts"
import { blockKey } from "../src/log/store/keys.ts"
import { eventOf } from "../src/wire/ccl.ts"
import type { Bench, Figure } from "./Bench.ts"
import { postInBulk, postSingly, records, serve } from "./cclGiven.ts"

const singleCollectives = 1000
const bulkCollectives = 10_000
const groupEvents = 8192
const blockEvents = 1024
/** "64 in flight over 4 connections", read in both ways. */
const loads = [
  { told: "64 in flight on each of 4 connections", connections: 4, inFlight: 4 * 64 },
  { told: "64 in flight over 4 connections", connections: 4, inFlight: 64 },
]

export const bench: Bench = {
  name: "ccl",
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), "annalist-bench-ccl-"))
    const quiet = ["--port", "0", "--ccl-port", "0", "--grpc-port", "off", "--extra-ports", "off", "--json"]
    const program = join(process.cwd(), "dist", "annalist.js")
    const agent = await serve(program, ["agent", "--data", join(folder, "data"), ...quiet])
    const bare = await serve(join(process.cwd(), "bench", "bareHttp2.mjs"), [])
    let next = 0
    /** Each turn is a later stretch of the same job. */
    const fresh = (collectives: number) => {
      next += collectives
      return records(next - collectives, collectives)
    }
    return {
      figures: [
        ...loads.map(({ told, ...load }): Figure => ({
          figure: `single posts over HTTP/2, durable, ${told}`,
          unit: "requests/s",
          better: "more",
          measure: () => postSingly(agent.url, fresh(singleCollectives), load),
          floor: {
            name: "a bare node:http2 server that parses the body",
            measure: () => postSingly(bare.url, fresh(singleCollectives), load),
          },
          target: { ratio: 0.6 },
          turns: 5,
        })),
        {
          figure: "records in lines, durable",
          unit: "events/s",
          better: "more",
          measure: () => postInBulk(agent.url, fresh(bulkCollectives)),
          floor: {
            name: "parse, pack and write the same bytes",
            measure: () => parsePackWrite(join(folder, `floor-${next}`), fresh(bulkCollectives)),
          },
          target: { ratio: 0.4 },
          turns: 5,
        },
      ],
      close: async () => {
        await agent.close()
        await bare.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
}

const sender = { pid: null, host: null, address: "127.0.0.1" }

const parsePackWrite = async (directory: string, lines: ReadonlyArray<string>): Promise<number> => {
  const level = new ClassicLevel<Uint8Array, Uint8Array>(directory, { keyEncoding: "view", valueEncoding: "view" })
  await level.open()
  const begin = performance.now()
  let previous = new Uint8Array(32)
  for (let from = 0; from < lines.length; from += groupEvents) {
    const puts = []
    for (let first = from; first < Math.min(from + groupEvents, lines.length); first += blockEvents) {
      const events = lines
        .slice(first, first + blockEvents)
        .map((line) => Either.getOrThrow(eventOf(JSON.parse(line), sender)))
      const place = { lane: "telemetry", logId: new Uint8Array(16), first: first + 1, ordinal: 1, previous } as const
      const head = { count: events.length, at: 1_700_000_000_000_000, mono: 5, actor: "uid:0", command: null }
      const value = encodeBlock(place, [{ head, events }])
      previous = Uint8Array.from(hashOf(value))
      puts.push({ type: "put", key: blockKey("telemetry", first + 1), value } as const)
    }
    await level.batch(puts, { sync: true })
  }
  const rate = (lines.length / (performance.now() - begin)) * 1000
  await level.close()
  return rate
}
