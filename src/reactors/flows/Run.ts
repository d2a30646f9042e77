// What the engine holds of a living job and of a call on its way, and what it works with.

import type { Checkpoint } from "../../domain/events/JobEvents.ts"
import type { Flows } from "../../domain/flows/Flows.ts"
import type { Call, Data, Job } from "../../domain/flows/Job.ts"
import type { Dispatch, Host } from "./hosts/Host.ts"
import type { Recorder } from "./Recorder.ts"

export interface Bounds {
  /** Running at the same time; others wait their turn. */
  readonly jobs: number
  readonly callsOfJob: number
  readonly queuedOfJob: number
  /** Of one call, where its routine's configuration does not say. */
  readonly callMillis: number
}

/** A call on its way through a host. */
export interface Flight {
  readonly run: Run
  readonly call: Call
  readonly host: Host
  readonly dispatch: Dispatch
  readonly isRepeatable: boolean
  readonly endsAt: number
  /** What it emitted, until it has ended. */
  readonly held: Array<{ readonly event: string; readonly data: Data; readonly bytes: number }>
}

/** What the engine knows of a living job besides its state. */
export interface Run {
  readonly job: Job
  readonly flights: Map<number, number>
  /** The first call waits until then, after an error. */
  notBefore: number
  spentMillis: number
  stops: Array<Stop>
  isReady: boolean
}

export interface Means {
  readonly state: Flows
  readonly bounds: Bounds
  readonly recorder: Recorder
  readonly hostOf: (className: string, kind: string) => Host
  /** Wall time in µs, and milliseconds of a clock that only goes forward. */
  readonly nowMicros: () => number
  readonly millis: () => number
}

/** An emission at which the job is to stop, once it comes to it. */
export interface Stop {
  readonly at: Checkpoint
  readonly reason: "breakpoint" | "step"
  readonly breakpoint: string | null
}
