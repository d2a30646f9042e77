// An agent that only runs jobs: asked for so many at its start, it goes on with what it finds and reports when all are over.

import path from "node:path"
import { pathToFileURL } from "node:url"
import { Effect, Layer } from "effect"
import { isOver } from "../../../../src/domain/flows/Job.ts"
import { EventLog } from "../../../../src/log/EventLog.ts"
import * as LevelEventLog from "../../../../src/log/level/LevelEventLog.ts"
import { flows } from "../../../../src/projections/flows.ts"
import * as FoldedViews from "../../../../src/projections/FoldedViews.ts"
import * as LiveReader from "../../../../src/projections/LiveReader.ts"
import { Views } from "../../../../src/projections/Views.ts"
import * as FlowRunner from "../../../../src/reactors/flows/FlowRunner.ts"

const [directory = "", file = "", count = "0"] = process.argv.slice(2)

const say = (words: unknown) => Effect.sync(() => process.stdout.write(`${JSON.stringify(words)}\n`))
const use = (className: string, millis: number) => ({ className, config: { file, millis }, errorHandler: null })
const link = (id: string, sourceRoutine: string, targetRoutine: string) => ({
  id,
  sourceRoutine,
  sourceEvent: "out",
  targetRoutine,
  targetSlot: "run",
  mapping: null,
})

const define = {
  _tag: "FlowDefined",
  flow: "notes",
  definition: {
    routines: {
      first: use("odd.NoteOnce", 10),
      again1: use("odd.NoteAgain", 120),
      once2: use("odd.NoteOnce", 10),
      again3: use("odd.NoteAgain", 120),
      once4: use("odd.NoteOnce", 10),
    },
    connections: [
      link("1", "first", "again1"),
      link("2", "again1", "once2"),
      link("3", "once2", "again3"),
      link("4", "again3", "once4"),
    ],
    strategy: "sequential",
    maxWorkers: 1,
    timeoutSeconds: null,
    monitored: false,
    durable: true,
  },
} as const

const main = Effect.gen(function* () {
  const log = yield* EventLog
  const views = yield* Views
  yield* views.until((view) => view.state(flows).classes.size > 0)
  if (count !== "0") {
    const asked = Array.from(
      { length: Number(count) },
      (_, n) =>
        ({
          _tag: "JobRequested",
          job: `j${n}`,
          flow: "notes",
          routine: "first",
          slot: "run",
          input: { n },
          origin: null,
        }) as const,
    )
    yield* log.append({ actor: "test", command: null, events: [define, ...asked] })
  }
  yield* say({ ready: true })
  const view = yield* views.until((view) => {
    const { jobs } = view.state(flows)
    return jobs.size > 0 && Array.from(jobs.values()).every(isOver)
  })
  const jobs = Array.from(view.state(flows).jobs.values(), ({ id, status, error, errors }) => ({
    id,
    status,
    error: error?.type ?? null,
    errors: errors.map(({ type }) => type),
  }))
  yield* say({ jobs })
})

await Effect.runPromise(
  main.pipe(
    Effect.provide(
      FlowRunner.layer({
        routines: [path.join(process.cwd(), "fixtures/routines/odd.mjs")],
        workerScript: pathToFileURL(path.join(import.meta.dirname, "worker.js")),
      }).pipe(
        Layer.provideMerge(FoldedViews.layer([flows])),
        Layer.provideMerge(LiveReader.layer({ name: "node-1", bootId: "boot" })),
        Layer.provideMerge(LevelEventLog.layer({ directory })),
      ),
    ),
  ),
)
process.exit(0)
