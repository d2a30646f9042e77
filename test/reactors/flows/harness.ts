// A flow runner over a log in memory, asked by commands and read by views, as in the agent.

import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Effect, Either, Layer, Schema, Stream } from "effect"
import { build, type BuildOptions } from "rolldown"
import { CommandId, Position } from "../../../src/domain/Brands.ts"
import type { Event } from "../../../src/domain/Event.ts"
import type { FlowDefinition } from "../../../src/domain/events/FlowEvents.ts"
import { decide } from "../../../src/domain/flows/decide.ts"
import type { FlowCommand, StartJob } from "../../../src/domain/flows/FlowCommand.ts"
import { isOver, type Job } from "../../../src/domain/flows/Job.ts"
import { now } from "../../../src/domain/Moment.ts"
import { EventLog } from "../../../src/log/EventLog.ts"
import * as MemoryEventLog from "../../../src/log/memory/MemoryEventLog.ts"
import type * as MemoryStore from "../../../src/log/memory/MemoryStore.ts"
import { collectives } from "../../../src/projections/collectives.ts"
import { flows } from "../../../src/projections/flows.ts"
import { traces } from "../../../src/projections/traces.ts"
import * as FoldedViews from "../../../src/projections/FoldedViews.ts"
import * as LiveReader from "../../../src/projections/LiveReader.ts"
import { Views } from "../../../src/projections/Views.ts"
import * as FlowRunner from "../../../src/reactors/flows/FlowRunner.ts"

const at = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url))

export const routines = [at("fixtures/routines")]

export interface BuildConfiguration {
  readonly node: (input: Readonly<Record<string, string>>, dir: string) => BuildOptions
}

/** The worker as the build makes it: a thread takes no TypeScript on every Node that we run on. */
export const workerScript = async (): Promise<URL> => {
  const dir = mkdtempSync(path.join(tmpdir(), "annalist-worker-"))
  const { node } = (await import(pathToFileURL(at("rolldown.config.mjs")).href)) as BuildConfiguration
  await build({ ...node({ worker: "src/reactors/flows/hosts/threadMain.ts" }, dir), logLevel: "silent" })
  // Chunks are modules by a package.json beside them, as in the program's own folder.
  writeFileSync(path.join(dir, "package.json"), '{"type":"module"}')
  return pathToFileURL(path.join(dir, "worker.js"))
}

const script = workerScript()

export type Options = Partial<FlowRunner.Options> & { readonly medium?: MemoryStore.Medium }

/** Everything of the agent that a job needs. */
export const agent = ({ medium, ...options }: Options = {}) =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => script),
      (workerScript) =>
        FlowRunner.layer({ routines, workerScript, ...options }).pipe(
          Layer.provideMerge(FoldedViews.layer([flows, traces, collectives])),
          Layer.provideMerge(LiveReader.layer({ name: "node-1", bootId: "boot" })),
          Layer.provideMerge(MemoryEventLog.layer(medium === undefined ? {} : { medium })),
        ),
    ),
  )

class Rejected extends Schema.TaggedError<Rejected>()("Rejected", { tag: Schema.String, message: Schema.String }) {}

/** Decides on the present view and appends, as the agent's own commands do. */
export const ask = (command: FlowCommand) =>
  Effect.gen(function* () {
    const views = yield* Views
    const log = yield* EventLog
    const view = yield* views.at(now)
    const decision = decide(view.state(flows), command)
    if (Either.isLeft(decision)) {
      return yield* new Rejected({ tag: decision.left._tag, message: decision.left.message })
    }
    if (decision.right.length === 0) return view.position
    const { last } = yield* log.append({ actor: "test", command: null, events: decision.right })
    yield* views.reached(last)
    return last
  })

const id = CommandId("test")

type Draft = Partial<Omit<FlowDefinition, "routines" | "connections">> & {
  /** `{ ingest: "demo.Ingest" }`, or with configuration. */
  readonly routines: Readonly<Record<string, string | Partial<FlowDefinition["routines"][string]>>>
  /** "ingest.data_ingested > process.data_ingested" */
  readonly connections?: ReadonlyArray<string>
}

export const definitionOf = ({ routines, connections = [], ...rest }: Draft): FlowDefinition => ({
  routines: Object.fromEntries(
    Object.entries(routines).map(([name, use]) => [
      name,
      {
        className: "",
        config: {},
        errorHandler: null,
        ...(typeof use === "string" ? { className: use } : use),
      },
    ]),
  ),
  connections: connections.map((text, index) => {
    const [from = "", to = ""] = text.split(" > ")
    const [sourceRoutine = "", sourceEvent = ""] = from.split(".")
    const [targetRoutine = "", targetSlot = ""] = to.split(".")
    return { id: String(index), sourceRoutine, sourceEvent, targetRoutine, targetSlot, mapping: null }
  }),
  strategy: "sequential",
  maxWorkers: 1,
  timeoutSeconds: null,
  monitored: true,
  durable: true,
  ...rest,
})

export const define = (flow: string, draft: Draft) =>
  Effect.gen(function* () {
    // The classes are told to the log while the runner starts.
    yield* (yield* Views).until((view) => view.state(flows).classes.size > 0)
    yield* ask({ _tag: "DefineFlow", id, flow, definition: definitionOf(draft), replace: true })
  })

export const demo: Draft = {
  routines: { ingest: "demo.Ingest", process: "demo.Process", validate: "demo.Validate" },
  connections: ["ingest.data_ingested > process.data_ingested", "process.data_processed > validate.data_processed"],
}

export const start = (job: string, flow: string, fields: Partial<StartJob> = {}) =>
  ask({
    _tag: "StartJob",
    id,
    job,
    flow,
    routine: "run",
    slot: "run",
    input: {},
    origin: null,
    paused: false,
    breakpoints: [],
    ...fields,
  })

export const tell = (job: string, command: { readonly _tag: string }) => ask({ id, job, ...command } as FlowCommand)

const waitMillis = 20_000

/** The job as the views show it, once it is so. */
export const once = (job: string, holds: (job: Job) => boolean) =>
  Effect.gen(function* () {
    const views = yield* Views
    const view = yield* views
      .until((view) => {
        const found = view.state(flows).jobs.get(job)
        return found !== undefined && holds(found)
      })
      .pipe(Effect.timeout(waitMillis))
    const found = view.state(flows).jobs.get(job)
    return found ?? (yield* Effect.dieMessage(`there is no job ${job}`))
  })

export const over = (job: string) => once(job, isOver)
export const paused = (job: string) => once(job, ({ status }) => status === "paused")

/** What the log holds of a job, in order. */
export const eventsOf = (job: string) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const all: Array<Event> = []
    yield* log
      .read({ from: Position(1) })
      .pipe(Stream.runForEach((chunk) => Effect.sync(() => all.push(...chunk.map(({ event }) => event)))))
    return all.filter((event) => "job" in event && event.job === job)
  })
