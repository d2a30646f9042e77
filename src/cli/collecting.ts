// What observes in a live agent: the host, all its processes, the managed ones, their control groups, processors of graphics, and users' own.

import { Effect, Layer } from "effect"
import * as CgroupCollector from "../collectors/CgroupCollector.ts"
import type { Collector } from "../collectors/Collector.ts"
import * as GpuCollector from "../collectors/GpuCollector.ts"
import * as HostCollector from "../collectors/HostCollector.ts"
import * as HostProcessCollector from "../collectors/HostProcessCollector.ts"
import * as Own from "../collectors/Own.ts"
import * as PortableHostCollector from "../collectors/PortableHostCollector.ts"
import * as PressureCollector from "../collectors/PressureCollector.ts"
import * as ProcessCollector from "../collectors/ProcessCollector.ts"
import * as Scheduler from "../collectors/Scheduler.ts"
import type { ProcessId } from "../domain/Brands.ts"
import { inFlight } from "../domain/collectives/Collectives.ts"
import { now } from "../domain/Moment.ts"
import { isAlive } from "../domain/processes/Processes.ts"
import * as Pace from "../domain/samples/pace.ts"
import { type Profile, usual } from "../domain/tasks/Profile.ts"
import { shortestInterval } from "../domain/tasks/TaskMetrics.ts"
import { collectives } from "../projections/collectives.ts"
import { processes } from "../projections/processes.ts"
import { samples } from "../projections/samples.ts"
import { taskMetrics } from "../projections/taskMetrics.ts"
import { type View, Views } from "../projections/Views.ts"
import type { Settings } from "./settings/table.ts"

/** Tasks may want to be looked at more often than the rest. */
const taskPaceMillis = 1000
/** Measures have no columns in the log: what many of them make up is looked at more rarely. */
const measuresEvery = 5

export const layer = (settings: Settings) =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const intervalMillis = settings.telemetryInterval * 1000
      const own = yield* Own.load(settings.collectors)
      const ofPlatform =
        process.platform === "linux"
          ? yield* linux(intervalMillis, usual(settings.profile, false, settings.profileInterval), settings.adaptive)
          : [PortableHostCollector.make({ intervalMillis })]
      const gpus = yield* graphics(intervalMillis)
      return Layer.merge(Scheduler.layer([...ofPlatform, ...gpus, ...own]), announced)
    }),
  )

const linux = (intervalMillis: number, usual: Profile, isAdaptive: boolean) =>
  Effect.map(Views, (views): ReadonlyArray<Collector> => {
    let lookedAt = -Infinity
    let pace = 1
    const living = (view: View): ReadonlyArray<ProcessCollector.Managed> => {
      const { tasks } = view.state(taskMetrics)
      const profileOf = (id: ProcessId) => tasks.byId.get(tasks.byProcess.get(id) ?? "")?.definition.profile ?? usual
      return Array.from(view.state(processes).byId.values()).flatMap((one) =>
        isAlive(one) && one.identity !== null ? [{ ...one.identity, wants: wantsOf(profileOf(one.id)) }] : [],
      )
    }
    const due = (view: View) => {
      const wanted = Math.min(intervalMillis, (shortestInterval(view.state(taskMetrics)) ?? Infinity) * 1000)
      // Timers come a little late, and a look that is left out for it would double the interval.
      if (performance.now() - lookedAt < pace * wanted - taskPaceMillis / 2) return []
      lookedAt = performance.now()
      if (isAdaptive) pace = Pace.next(pace, isSuspicious(view) || Pace.isMoving(view.state(samples)))
      return living(view)
    }
    const from = (pick: typeof living) =>
      views.at(now).pipe(
        Effect.map(pick),
        Effect.orElseSucceed(() => []),
      )
    const rarely = Math.min(intervalMillis * measuresEvery, Scheduler.intervalBoundsMillis.most)
    const everybody = HostProcessCollector.make({ intervalMillis })
    return [
      HostCollector.make({ intervalMillis, processCount: everybody.count }),
      everybody,
      ProcessCollector.make({ intervalMillis: Math.min(intervalMillis, taskPaceMillis), managed: from(due) }),
      PressureCollector.make({ intervalMillis: rarely }),
      CgroupCollector.make({ intervalMillis: rarely, managed: from(living) }),
    ]
  })

/** A collective that is under way may turn out to hang: then every look counts. */
const isSuspicious = (view: View): boolean => inFlight(view.state(collectives)) > 0

const wantsOf = ({ enabled, descriptors, network, memory, disk }: Profile) => ({
  descriptors: enabled && descriptors,
  network: enabled && network,
  // Whoever takes least takes the resident bytes, which cost nothing more.
  memory: enabled && memory && (disk || network),
})

/** None where NVIDIA's program is not installed. */
const graphics = (intervalMillis: number) => {
  const program = GpuCollector.find(process.env["PATH"] ?? "")
  return program === null
    ? Effect.succeed([])
    : Effect.map(GpuCollector.make({ intervalMillis, program }), (one) => [one])
}

/** As those who look for the monitor of seed 002 look for it. */
const announced = Layer.effectDiscard(Effect.logInfo("[ProcessMonitor] Process monitoring enabled"))
