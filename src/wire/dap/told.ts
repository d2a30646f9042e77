// What an editor is told unasked, from what happened to the job.

import type { JobEvent } from "../../domain/events/JobEvents.ts"
import type { Job } from "../../domain/flows/Job.ts"
import type { Message } from "./Frames.ts"
import { threadOf } from "./places.ts"

export interface Told {
  readonly event: string
  readonly body?: Message
}

const reasons = { asked: "pause", breakpoint: "breakpoint", step: "step" } as const

export const stopped = (job: Job, ids: ReadonlyArray<number>, description?: string): Told => ({
  event: "stopped",
  body: {
    reason: job.pause === null ? "pause" : reasons[job.pause.reason],
    ...(description === undefined ? {} : { description, text: description }),
    threadId: threadOf(job),
    allThreadsStopped: true,
    ...(ids.length === 0 ? {} : { hitBreakpointIds: ids }),
  },
})

const output = (category: "stdout" | "stderr" | "console", text: string): Told => ({
  event: "output",
  body: { category, output: `${text}\n` },
})

/** `job` is as it stands after the event; `idsOf` the editor's numbers for a breakpoint. */
export const toldOf = (event: JobEvent, job: Job, idsOf: (breakpoint: string) => ReadonlyArray<number>) => {
  const one = (told: Told): ReadonlyArray<Told> => [told]
  switch (event._tag) {
    case "JobPaused":
      // It may have gone on since.
      return job.pause === null ? [] : one(stopped(job, event.breakpoint === null ? [] : idsOf(event.breakpoint)))
    case "JobResumed":
    case "JobStepped":
      return one({ event: "continued", body: { threadId: threadOf(job), allThreadsContinued: true } })
    case "JobLogged":
      return one(output(event.level === "error" ? "stderr" : "stdout", event.text))
    case "BreakpointPassed":
      return event.text === null ? [] : one(output("console", event.text))
    case "RoutineFailed":
      return one(output("stderr", `${event.routine}: ${event.error.type}: ${event.error.message}`))
    case "JobFinished":
      return ended(event.status, event.error)
    default:
      return []
  }
}

export const ended = (status: string, error: Job["error"]): ReadonlyArray<Told> => [
  output("console", `the job ${status === "cancelled" ? "was cancelled" : status}${reasonOf(error)}`),
  { event: "exited", body: { exitCode: status === "completed" ? 0 : 1 } },
  { event: "terminated" },
]

const reasonOf = (error: Job["error"]): string => (error === null ? "" : `: ${error.type}: ${error.message}`)
