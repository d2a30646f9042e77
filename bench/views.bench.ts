// What is known of a log of a million mixed events: folding it, opening it, any past moment of it, and the histories in it.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Clock, Context, Effect, Layer, ManagedRuntime } from "effect"
import { Position } from "../src/domain/Brands.ts"
import { now } from "../src/domain/Moment.ts"
import { Checkpoints } from "../src/log/Checkpoints.ts"
import { EventLog } from "../src/log/EventLog.ts"
import * as LevelEventLog from "../src/log/level/LevelEventLog.ts"
import { all } from "../src/projections/all.ts"
import * as FoldedViews from "../src/projections/FoldedViews.ts"
import * as LiveReader from "../src/projections/LiveReader.ts"
import { LogReader } from "../src/projections/LogReader.ts"
import { roll } from "../src/projections/series/roll.ts"
import * as Series from "../src/projections/series/Series.ts"
import * as SeriesKey from "../src/projections/series/SeriesKey.ts"
import { Views } from "../src/projections/Views.ts"
import type { Bench, Figure } from "./Bench.ts"
import { randoms, sample, writeMixed } from "./logGiven.ts"
import { delayDuring, percentile } from "./measures.ts"

const MILLION = 1_000_000
const PROCESSES = 500
const LOOKS = 2400

export const bench: Bench = {
  name: "views",
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), "annalist-bench-"))
    const [mixed, looks] = [join(folder, "mixed"), join(folder, "looks")]
    const write = async (directory: string, events: (log: typeof EventLog.Service) => Promise<unknown>) => {
      const runtime = ManagedRuntime.make(LevelEventLog.layer({ directory }))
      await events(await runtime.runPromise(EventLog))
      await runtime.dispose()
    }
    await write(mixed, (log) => writeMixed(log, MILLION))
    await write(looks, writeLooks)
    return {
      figures: [...foldFigures(mixed), ...seriesFigures(looks)],
      close: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    }
  },
}

const reader = LiveReader.layer({ name: "bench", bootId: "bench" })

/** Uses the views over a log; without checkpoints each turn folds the whole. */
const viewed = async <A>(
  directory: string,
  checkpoints: "kept" | "none",
  use: (views: typeof Views.Service) => Promise<A>,
): Promise<A> => {
  const log = LevelEventLog.layer({ directory })
  const views = FoldedViews.layerCheckpointed(all).pipe(Layer.provide(reader))
  const layer = views.pipe(
    Layer.provide(checkpoints === "kept" ? log : Layer.map(log, (open) => Context.add(open, Checkpoints, forgetful))),
  )
  const runtime = ManagedRuntime.make(layer)
  try {
    return await use(await runtime.runPromise(Views))
  } finally {
    await runtime.dispose()
  }
}

const forgetful: typeof Checkpoints.Service = {
  save: () => Effect.void,
  nearest: () => Effect.succeed(null),
  prune: () => Effect.void,
}

const foldFigures = (directory: string): ReadonlyArray<Figure> => [
  {
    figure: "fold a log of mixed events through the state projections, read and decoded",
    unit: "events/s",
    better: "more",
    measure: async () => {
      const start = performance.now()
      const { position } = await viewed(directory, "none", (views) => Effect.runPromise(views.at(now)))
      return (position / (performance.now() - start)) * 1000
    },
    target: { value: 400_000 },
    turns: 3,
  },
  {
    figure: "event-loop delay p99 while a million events are folded",
    unit: "ms",
    better: "less",
    measure: () => delayDuring(() => viewed(directory, "none", () => Promise.resolve())),
    target: { value: 20 },
    turns: 3,
  },
  {
    figure: "open a log of a million events, views ready",
    unit: "ms",
    better: "less",
    measure: () => {
      const start = performance.now()
      return viewed(directory, "kept", () => Promise.resolve(performance.now() - start))
    },
    target: { value: 600 },
  },
  {
    figure: "a query at a random position of a million, p95",
    unit: "ms",
    better: "less",
    measure: () =>
      viewed(directory, "kept", async (views) => {
        const random = randoms(7)
        const times: Array<number> = []
        for (let turn = 0; turn < 40; turn++) {
          const position = Position(1 + random(MILLION))
          const start = performance.now()
          await Effect.runPromise(views.at({ _tag: "AtPosition", position }))
          times.push(performance.now() - start)
        }
        return percentile(times, 0.95)
      }),
    target: { value: 200 },
    turns: 3,
  },
]

const begun = 1_700_000_000_000

/** Two hours of a host of five hundred processes, a look each three seconds, each look a commit of its own. */
const writeLooks = async (log: typeof EventLog.Service): Promise<void> => {
  for (let look = 0; look < LOOKS; look++) {
    const clock = Object.assign(Clock.make(), { currentTimeMillis: Effect.succeed(begun + look * 3000) })
    const batch = { actor: "collector:host", command: null, events: [sample(look, PROCESSES)] }
    await Effect.runPromise(Effect.withClock(log.append(batch), clock))
  }
}

const seriesFigures = (directory: string): ReadonlyArray<Figure> => {
  const runtimeOf = () => ManagedRuntime.make(reader.pipe(Layer.provideMerge(LevelEventLog.layer({ directory }))))
  const asked = async (finest: "raw" | "1m"): Promise<number> => {
    const runtime = runtimeOf()
    try {
      const { head } = await runtime.runPromise(Effect.flatMap(LogReader, ({ source }) => source))
      const moment = { position: head, at: (begun + LOOKS * 3000) * 1000 }
      const key = SeriesKey.ofPid(100 + 3 * 250)
      const start = performance.now()
      await runtime.runPromise(Series.read({ key, fromMicros: 0, toMicros: moment.at, moment, finest }))
      return performance.now() - start
    } finally {
      await runtime.dispose()
    }
  }
  return [
    {
      figure: "the looks at one of 500 processes over two hours, raw",
      unit: "ms",
      better: "less",
      measure: () => asked("raw"),
      target: { value: 1000 },
      turns: 3,
    },
    {
      figure: "the same by the minute, from rollups",
      unit: "ms",
      better: "less",
      measure: async () => {
        const runtime = runtimeOf()
        await runtime.runPromise(roll)
        await runtime.dispose()
        return asked("1m")
      },
      target: { value: 100 },
      turns: 3,
    },
  ]
}
