// A flow runner over the real log in a folder of its own, and jobs of the three-routine flow to measure it with.

import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, ManagedRuntime } from "effect"
import type { FlowDefinition } from "../src/domain/events/FlowEvents.ts"
import { isOver } from "../src/domain/flows/Job.ts"
import * as LevelEventLog from "../src/log/level/LevelEventLog.ts"
import { EventLog } from "../src/log/EventLog.ts"
import { flows } from "../src/projections/flows.ts"
import * as FoldedViews from "../src/projections/FoldedViews.ts"
import * as LiveReader from "../src/projections/LiveReader.ts"
import { Views } from "../src/projections/Views.ts"
import * as FlowRunner from "../src/reactors/flows/FlowRunner.ts"

const use = (className: string) => ({ className, config: {}, errorHandler: null })

export const chain: FlowDefinition = {
  routines: { run: use("odd.Burst"), middle: use("odd.Echo"), last: use("odd.Sink") },
  connections: [
    { id: "1", sourceRoutine: "run", sourceEvent: "out", targetRoutine: "middle", targetSlot: "run", mapping: null },
    { id: "2", sourceRoutine: "middle", sourceEvent: "out", targetRoutine: "last", targetSlot: "run", mapping: null },
  ],
  strategy: "sequential",
  maxWorkers: 1,
  timeoutSeconds: null,
  monitored: true,
  durable: true,
}

/** `script` is another build of the worker; the bench's own bundle has it beside itself. */
export const open = async (script?: URL) => {
  const directory = await mkdtemp(join(tmpdir(), "annalist-flows-"))
  const routines = [join(process.cwd(), "fixtures", "routines", "odd.mjs")]
  const runtime = ManagedRuntime.make(
    FlowRunner.layer({ routines, ...(script === undefined ? {} : { workerScript: script }) }).pipe(
      Layer.provideMerge(FoldedViews.layer([flows])),
      Layer.provideMerge(LiveReader.layer({ name: "bench", bootId: "boot" })),
      Layer.provideMerge(LevelEventLog.layer({ directory })),
    ),
  )
  let jobs = 0

  /** Starts so many jobs of a flow at once and waits for all of them; answers the slot calls made a second. */
  const callsASecond = (
    definition: FlowDefinition,
    count: number,
    input: Record<string, unknown>,
    callsOfJob: number,
  ) =>
    runtime.runPromise(
      Effect.gen(function* () {
        const log = yield* EventLog
        const views = yield* Views
        yield* views.until((view) => view.state(flows).classes.size > 0)
        const flow = `flow-${jobs}`
        yield* log.append({ actor: "bench", command: null, events: [{ _tag: "FlowDefined", flow, definition }] })
        const names = Array.from({ length: count }, () => `job-${jobs++}`)
        const started = performance.now()
        yield* log.append({
          actor: "bench",
          command: null,
          events: names.map(
            (job) => ({ _tag: "JobRequested", job, flow, routine: "run", slot: "run", input, origin: null }) as const,
          ),
        })
        yield* views.until((view) => {
          const { jobs } = view.state(flows)
          return names.every((name) => {
            const job = jobs.get(name)
            return job !== undefined && isOver(job)
          })
        })
        const seconds = (performance.now() - started) / 1000
        const view = yield* views.at({ _tag: "Now" })
        for (const name of names) {
          const job = view.state(flows).jobs.get(name)
          // Of a job that leaves nothing behind only its end is known.
          const isKnown = definition.durable || definition.monitored
          if (job?.status !== "completed" || (isKnown && job.slotCalls !== callsOfJob)) {
            return yield* Effect.dieMessage(
              `${name}: ${job?.status} after ${job?.slotCalls} calls, ${job?.error?.message}`,
            )
          }
        }
        yield* log.append({
          actor: "bench",
          command: null,
          events: names.map((job) => ({ _tag: "JobForgotten", job }) as const),
        })
        return (count * callsOfJob) / seconds
      }),
    )

  const close = async () => {
    await runtime.dispose()
    await rm(directory, { recursive: true, force: true })
  }
  return { callsASecond, close }
}
