// Runs jobs: takes the next call, asks whether it may, gives it to a host, and turns what comes back into events. Plain code without
// effects, because this is the way that every slot call takes. Its state is the fold of its own events, a moment ahead of the disk.

import type { CallError, JobEvent } from "../../domain/events/JobEvents.ts"
import { apply } from "../../domain/flows/Flows.ts"
import { type Call, classOf, isOver, type Job, queued, repeatable } from "../../domain/flows/Job.ts"
import * as Debugging from "./debugging.ts"
import { outcomeOf, retryDelayMillis } from "./errors.ts"
import { hooks } from "./hooks.ts"
import { callError, type Host } from "./hosts/Host.ts"
import { emitHeld } from "./landing.ts"
import type { Flight, Means, Run } from "./Run.ts"

export class Engine {
  readonly means: Means
  readonly runs = new Map<string, Run>()
  readonly #flights = new Map<number, Flight>()
  readonly #waiting: Array<string> = []
  #ready: Array<Run> = []
  #nextKey = 1
  #isDraining = false

  constructor(means: Means) {
    this.means = means
  }

  /** A job that was asked for. Taken up now, or when others have ended. */
  admit(id: string): void {
    const job = this.means.state.jobs.get(id)
    if (job === undefined || isOver(job) || this.runs.has(id)) return
    if (this.runs.size >= this.means.bounds.jobs) {
      this.#waiting.push(id)
      return
    }
    const run: Run = { job, flights: new Map(), notBefore: 0, spentMillis: 0, stops: [], isReady: false }
    this.runs.set(id, run)
    if (job.status === "pending") {
      const { monitored } = job.definition
      this.record(run, {
        _tag: "JobStarted",
        job: id,
        monitored: monitored && this.means.state.monitoring.enabled,
        durable: job.definition.durable,
      })
    }
    this.ready(run)
  }

  /** Applied at once, written with the next sync; `then` once it is durable. */
  record(run: Run, event: JobEvent, then?: () => void): void {
    apply(this.means.state, event, this.means.nowMicros())
    this.means.recorder.add(event, run.job.id, 0, then)
  }

  /** A step: written where the job survives by it or is watched. */
  step(run: Run, event: JobEvent, bytes = 0): void {
    apply(this.means.state, event, this.means.nowMicros())
    const { job } = run
    if (job.durable || (hooks && job.monitored)) this.means.recorder.add(event, job.id, bytes)
  }

  ready(run: Run): void {
    if (run.isReady) return
    run.isReady = true
    this.#ready.push(run)
  }

  /** Lets every job that something happened to take its next calls. Jobs made ready meanwhile come after them. */
  drain(): void {
    if (this.#isDraining) return
    if (this.means.recorder.isFull()) return this.means.recorder.whenRoom(() => this.drain())
    this.#isDraining = true
    try {
      while (this.#ready.length > 0) {
        const ready = this.#ready
        this.#ready = []
        for (const run of ready) {
          run.isReady = false
          this.#advance(run)
        }
      }
    } finally {
      this.#isDraining = false
    }
  }

  end(run: Run, status: "completed" | "failed" | "cancelled", error: CallError | null): void {
    if (isOver(run.job)) return
    for (const key of run.flights.values()) {
      const flight = this.#flights.get(key)
      this.#flights.delete(key)
      flight?.host.abandon(key)
    }
    run.flights.clear()
    this.record(run, { _tag: "JobFinished", job: run.job.id, status, error })
    this.runs.delete(run.job.id)
    for (const host of this.#hostsOf(run.job)) host.release(run.job.id)
    const next = this.#waiting.shift()
    if (next !== undefined) this.admit(next)
  }

  /** Now and then: calls and jobs that have taken too long. */
  look(passedMillis: number): void {
    const now = this.means.millis()
    for (const [key, flight] of this.#flights) {
      if (flight.endsAt > now) continue
      flight.host.abandon(key)
      this.land(key)
      this.fail(flight.run, flight.call, null, callError("TimedOut", "the call took too long"), true, flight)
    }
    for (const run of this.runs.values()) {
      const { timeoutSeconds } = run.job.definition
      if (run.job.status === "running") run.spentMillis += passedMillis
      if (run.notBefore > 0) this.ready(run)
      if (timeoutSeconds !== null && run.spentMillis > timeoutSeconds * 1000) {
        this.end(run, "failed", callError("TimedOut", `the job took more than ${timeoutSeconds} s`))
      }
    }
    this.drain()
  }

  /** A call that an earlier agent left in the middle, made once more; its number stays. */
  again(run: Run, call: Call): void {
    this.begin(run, { ...call, attempt: call.attempt + 1 })
  }

  /** A call that may not be made again ends as a failure that nobody retries. */
  interrupted(run: Run, call: Call, reason: string): void {
    this.fail(run, call, null, callError("Interrupted", reason), false)
  }

  #advance(run: Run): void {
    const { job } = run
    if (job.cancelAsked && !isOver(job)) return this.end(run, "cancelled", null)
    if (Debugging.standsStill(this, run)) return
    const most = job.definition.strategy === "sequential" ? 1 : job.definition.maxWorkers
    while (job.status === "running" && job.running.size < most) {
      const call = job.queue[job.head]
      if (call === undefined) break
      if (run.notBefore > this.means.millis()) return
      run.notBefore = 0
      if (Debugging.stopsBefore(this, run, call)) return
      this.begin(run, call)
      if (isOver(job)) return
    }
    if (job.status === "running" && queued(job) === 0 && job.running.size === 0) this.end(run, "completed", null)
  }

  begin(run: Run, call: Call): void {
    const { job } = run
    if (job.slotCalls >= this.means.bounds.callsOfJob) {
      return this.end(
        run,
        "failed",
        callError("TooManyCalls", `a job makes ${this.means.bounds.callsOfJob} calls at most`),
      )
    }
    const isRepeatable = repeatable(job, call.routine)
    const { number, routine, slot, attempt } = call
    const event = { _tag: "SlotCalled", job: job.id, call: number, routine, slot, attempt } as const
    const isIntent = job.durable && !isRepeatable
    if (isIntent) {
      return this.record(run, event, () => {
        this.#dispatch(run, call, isRepeatable)
        this.drain()
      })
    }
    if (hooks && job.monitored) this.record(run, event)
    else apply(this.means.state, event, 0)
    this.#dispatch(run, call, isRepeatable)
  }

  #dispatch(run: Run, call: Call, isRepeatable: boolean): void {
    const { job } = run
    if (isOver(job)) return
    const use = job.definition.routines[call.routine]
    const described = classOf(job, call.routine)
    if (use === undefined || described === undefined) {
      this.fail(run, call, null, callError("RoutineNotFound", `no class ${use?.className ?? call.routine}`), true)
      return this.drain()
    }
    const key = this.#nextKey++
    const { number, routine, slot, attempt, input } = call
    const { className, config } = use
    const dispatch = {
      key,
      job: job.id,
      className,
      routine,
      slot,
      call: number,
      attempt,
      input,
      config,
      shared: job.shared,
    }
    const host = this.means.hostOf(className, described.kind)
    const seconds = config["timeout"]
    const millis = typeof seconds === "number" && seconds > 0 ? seconds * 1000 : this.means.bounds.callMillis
    this.#flights.set(key, { run, call, host, dispatch, isRepeatable, endsAt: this.means.millis() + millis, held: [] })
    run.flights.set(number, key)
    host.run(dispatch)
  }

  flight(key: number): Flight | null {
    return this.#flights.get(key) ?? null
  }

  /** Nothing more is heard of it. */
  land(key: number): Flight | null {
    const flight = this.#flights.get(key)
    if (flight === undefined) return null
    this.#flights.delete(key)
    flight.run.flights.delete(flight.call.number)
    return flight
  }

  fail(run: Run, call: Call, micros: number | null, error: CallError, mayRetry: boolean, flight?: Flight): void {
    const { job } = run
    const { outcome, then } = outcomeOf(job, call, mayRetry)
    // What it emitted before it failed stands, unless it is to be made again.
    if (flight !== undefined && outcome !== "retry") emitHeld(this, flight)
    const durationMicros = hooks && job.monitored ? micros : null
    const { number, routine } = call
    this.step(run, { _tag: "RoutineFailed", job: job.id, call: number, routine, durationMicros, error, outcome })
    if (outcome === "retry") run.notBefore = this.means.millis() + retryDelayMillis(job, call)
    if (then === "stop") this.end(run, "failed", error)
    else this.ready(run)
  }

  #hostsOf(job: Job): ReadonlySet<Host> {
    return new Set(
      Object.values(job.definition.routines).flatMap(({ className }) => {
        const kind = job.classes.get(className)?.kind
        return kind === undefined ? [] : [this.means.hostOf(className, kind)]
      }),
    )
  }
}
