// Takes up the jobs that an earlier agent left: what waits goes on; what was in the middle is made again only where that is allowed.

import { isOver, repeatable } from "../../domain/flows/Job.ts"
import type { Engine } from "./Engine.ts"
import { callError } from "./hosts/Host.ts"

const reason = "the agent ended while the handler ran"

export const resume = (engine: Engine): void => {
  for (const job of Array.from(engine.means.state.jobs.values())) {
    if (isOver(job)) continue
    const wasStarted = job.status !== "pending"
    engine.admit(job.id)
    const run = engine.runs.get(job.id)
    if (run === undefined || !wasStarted) continue
    if (!job.durable) {
      engine.end(run, "failed", callError("Interrupted", "the agent ended, and the flow is not durable"))
      continue
    }
    for (const call of Array.from(job.running.values())) {
      if (isOver(job)) break
      if (repeatable(job, call.routine)) engine.again(run, call)
      else engine.interrupted(run, call, reason)
    }
  }
  engine.drain()
}
