// What observes in a live agent: the host, all its processes, the managed ones.

import { Effect, Layer } from "effect"
import * as HostCollector from "../collectors/HostCollector.ts"
import * as HostProcessCollector from "../collectors/HostProcessCollector.ts"
import * as PortableHostCollector from "../collectors/PortableHostCollector.ts"
import * as ProcessCollector from "../collectors/ProcessCollector.ts"
import * as Scheduler from "../collectors/Scheduler.ts"
import { now } from "../domain/Moment.ts"
import { isAlive } from "../domain/processes/Processes.ts"
import { shortestInterval } from "../domain/tasks/TaskMetrics.ts"
import { processes } from "../projections/processes.ts"
import { taskMetrics } from "../projections/taskMetrics.ts"
import { Views } from "../projections/Views.ts"
import type { Settings } from "./settings/table.ts"

/** Tasks may want to be looked at more often than the rest. */
const taskPaceMillis = 1000

export const layer = (settings: Settings) =>
  Layer.unwrapEffect(
    Effect.map(Views, (views) => {
      const intervalMillis = settings.telemetryInterval * 1000
      if (process.platform !== "linux") return Scheduler.layer([PortableHostCollector.make({ intervalMillis })])
      let lookedAt = -Infinity
      const managed = views.at(now).pipe(
        Effect.map((view) => {
          const wanted = Math.min(intervalMillis, (shortestInterval(view.state(taskMetrics)) ?? Infinity) * 1000)
          // Timers come a little late, and a look that is left out for it would double the interval.
          if (performance.now() - lookedAt < wanted - taskPaceMillis / 2) return []
          lookedAt = performance.now()
          const known = Array.from(view.state(processes).byId.values())
          return known.flatMap((one) => (isAlive(one) && one.identity !== null ? [one.identity] : []))
        }),
        Effect.orElseSucceed(() => []),
      )
      const collectors = [
        HostCollector.make({ intervalMillis }),
        HostProcessCollector.make({ intervalMillis }),
        ProcessCollector.make({ intervalMillis: Math.min(intervalMillis, taskPaceMillis), managed }),
      ]
      return Layer.merge(Scheduler.layer(collectors), announced)
    }),
  )

/** As those who look for the monitor of seed 002 look for it. */
const announced = Layer.effectDiscard(Effect.logInfo("[ProcessMonitor] Process monitoring enabled"))
