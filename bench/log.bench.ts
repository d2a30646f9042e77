// The log against the least that any program must pay for the same durable bytes, and against the plainest way to keep events.

import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ClassicLevel } from "classic-level"
import { Effect, ManagedRuntime, Stream } from "effect"
import type { Event, KnownEvent } from "../src/domain/Event.ts"
import { encodeBlock } from "../src/log/block/BlockCodec.ts"
import { hashOf } from "../src/log/block/BlockHeader.ts"
import { EventLog } from "../src/log/EventLog.ts"
import * as LevelEventLog from "../src/log/level/LevelEventLog.ts"
import { blockKey } from "../src/log/store/keys.ts"
import type { Bench, Figure } from "./Bench.ts"
import { act, collectives, writeMixed } from "./logGiven.ts"
import { delayDuring, percentile } from "./measures.ts"

const BULK = 131_072
/** What one request or one reader of a stream hands over at a time. */
const BATCH = 512
const GROUP = 8192
const BLOCK = 1024

export const bench: Bench = {
  name: "log",
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), "annalist-bench-"))
    const bulk = collectives(BULK)
    const bases = { bulk, folder }
    const figures = [...bulkFigures(bases), await loneFigure(folder), ...(await readFigures(folder))]
    return {
      figures,
      close: async () => {
        for (const end of ends.splice(0)) await end()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}

interface Given {
  readonly bulk: ReadonlyArray<KnownEvent>
  readonly folder: string
}

const ends: Array<() => Promise<void>> = []
let runs = 0
const fresh = (folder: string): string => join(folder, `log-${runs++}`)

const opened = async <A>(directory: string, use: (log: typeof EventLog.Service) => Promise<A>): Promise<A> => {
  const runtime = ManagedRuntime.make(LevelEventLog.layer({ directory }))
  try {
    return await use(await runtime.runPromise(EventLog))
  } finally {
    await runtime.dispose()
  }
}

const slices = (events: ReadonlyArray<Event>, size: number): ReadonlyArray<ReadonlyArray<Event>> =>
  Array.from({ length: Math.ceil(events.length / size) }, (_, index) => events.slice(index * size, (index + 1) * size))

const appendBulk = (directory: string, bulk: ReadonlyArray<KnownEvent>): Promise<number> =>
  opened(directory, async (log) => {
    const batches = slices(bulk, BATCH).map((events) => ({ actor: "uid:0", command: null, events }))
    const start = performance.now()
    await Effect.runPromise(Effect.forEach(batches, (batch) => log.append(batch), { concurrency: 32, discard: true }))
    return (bulk.length / (performance.now() - start)) * 1000
  })

/** The same events in the same blocks, straight to LevelDB with a sync a group. */
const floorBulk = async (directory: string, bulk: ReadonlyArray<KnownEvent>): Promise<number> => {
  const level = new ClassicLevel<Uint8Array, Uint8Array>(directory, { keyEncoding: "view", valueEncoding: "view" })
  await level.open()
  const start = performance.now()
  let previous = new Uint8Array(32)
  let first = 1
  for (const group of slices(bulk, GROUP)) {
    const puts = slices(group, BLOCK).map((events) => {
      const head = { count: events.length, at: 1_700_000_000_000_000, mono: 5, actor: "uid:0", command: null }
      const place = { lane: "telemetry", logId: new Uint8Array(16), first, ordinal: 1, previous } as const
      const value = encodeBlock(place, [{ head, events }])
      previous = Uint8Array.from(hashOf(value))
      const key = blockKey("telemetry", first)
      first += events.length
      return { type: "put", key, value } as const
    })
    await level.batch(puts, { sync: true })
  }
  const rate = (bulk.length / (performance.now() - start)) * 1000
  await level.close()
  return rate
}

/** One JSON key an event, the same number of events a sync. */
const jsonBulk = async (directory: string, bulk: ReadonlyArray<KnownEvent>): Promise<number> => {
  const level = new ClassicLevel(directory)
  await level.open()
  const start = performance.now()
  let position = 0
  for (const group of slices(bulk, GROUP)) {
    const puts = group.map((event) => {
      position += 1
      return {
        type: "put",
        key: String(position).padStart(16, "0"),
        value: JSON.stringify({ position, event }),
      } as const
    })
    await level.batch(puts, { sync: true })
  }
  const rate = (bulk.length / (performance.now() - start)) * 1000
  await level.close()
  return rate
}

const bulkFigures = ({ bulk, folder }: Given): ReadonlyArray<Figure> => [
  {
    figure: "durable append of collectives in bulk",
    unit: "events/s",
    better: "more",
    measure: () => appendBulk(fresh(folder), bulk),
    floor: { name: "pack and write the same blocks", measure: () => floorBulk(fresh(folder), bulk) },
    target: { ratio: 0.7 },
  },
  {
    figure: "durable append of collectives in bulk, against JSON",
    unit: "events/s",
    better: "more",
    measure: () => appendBulk(fresh(folder), bulk),
    floor: { name: "one JSON key an event", measure: () => jsonBulk(fresh(folder), bulk.slice(0, BULK / 4)) },
    target: { ratio: 5 },
    turns: 3,
  },
  {
    figure: "event-loop delay p99 during bulk append",
    unit: "ms",
    better: "less",
    measure: () => delayDuring(() => appendBulk(fresh(folder), bulk)),
    target: { value: 20 },
    turns: 5,
  },
  {
    figure: "bytes an event on disk, collectives",
    unit: "bytes",
    better: "less",
    measure: async () => {
      const directory = fresh(folder)
      await appendBulk(directory, bulk)
      return bytesIn(join(directory, "level")) / bulk.length
    },
    target: { value: 20 },
    turns: 1,
  },
]

const bytesIn = (directory: string): number =>
  readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)

const LONE = 300

const loneFigure = async (folder: string): Promise<Figure> => {
  const runtime = ManagedRuntime.make(LevelEventLog.layer({ directory: fresh(folder) }))
  const log = await runtime.runPromise(EventLog)
  const bare = new ClassicLevel(fresh(folder))
  await bare.open()
  ends.push(async () => {
    await runtime.dispose()
    await bare.close()
  })
  const value = JSON.stringify(act(1)).padEnd(200)
  const timed = async (work: (index: number) => Promise<unknown>): Promise<number> => {
    const times: Array<number> = []
    for (let index = 0; index < LONE; index++) {
      const start = performance.now()
      await work(index)
      times.push(performance.now() - start)
    }
    return percentile(times, 0.99)
  }
  return {
    figure: "one lone durable append, p99",
    unit: "ms",
    better: "less",
    measure: () =>
      timed((index) => Effect.runPromise(log.append({ actor: "agent", command: null, events: [act(index)] }))),
    floor: {
      name: "one bare synced put",
      measure: () => timed((index) => bare.put(`key-${index}`, value, { sync: true })),
    },
    target: { ratio: 2 },
  }
}

const MILLION = 1_000_000

const readFigures = async (folder: string): Promise<ReadonlyArray<Figure>> => {
  const directory = fresh(folder)
  await opened(directory, (log) => writeMixed(log, MILLION))
  return [
    {
      figure: "read and decode a log of mixed events",
      unit: "events/s",
      better: "more",
      measure: () =>
        opened(directory, async (log) => {
          const start = performance.now()
          const count = await Effect.runPromise(Stream.runFold(log.read({}), 0, (sum, chunk) => sum + chunk.length))
          return (count / (performance.now() - start)) * 1000
        }),
      target: { value: 1_000_000 },
      turns: 5,
    },
    {
      figure: "event-loop delay p99 while a million events are read",
      unit: "ms",
      better: "less",
      measure: () => delayDuring(() => opened(directory, (log) => Effect.runPromise(Stream.runDrain(log.read({}))))),
      target: { value: 20 },
      turns: 3,
    },
    {
      figure: "open a log of a million events",
      unit: "ms",
      better: "less",
      measure: async () => {
        const start = performance.now()
        return opened(directory, async (log) => {
          await Effect.runPromise(log.info)
          return performance.now() - start
        })
      },
      target: { value: 600 },
    },
  ]
}
