// What hosts say of calls, turned into the job's next events.

import { isOver } from "../../domain/flows/Job.ts"
import * as Debugging from "./debugging.ts"
import type { Engine } from "./Engine.ts"
import { hooks } from "./hooks.ts"
import { callError, type Listener } from "./hosts/Host.ts"
import type { Flight } from "./Run.ts"

/** A routine that breaks its thread each time is not run for ever. */
const mostAttempts = 3

export const listenerOf = (engine: Engine): Listener => ({
  emitted: (key, event, data, bytes) => {
    const flight = engine.flight(key)
    if (flight === null) return
    if (flight.isRepeatable) return hold(engine, key, flight, { event, data, bytes })
    emit(engine, flight, { event, data, bytes }, false)
    Debugging.notice(engine, flight.run, flight.call, event, data)
    engine.ready(flight.run)
  },
  finished: (key, micros, result, shared, bytes) => {
    const flight = engine.land(key)
    if (flight === null) return
    const { run, call, held } = flight
    const { job } = run
    emitHeld(engine, flight)
    if (isOver(job)) return
    const isWatched = hooks && job.monitored
    const { number, routine } = call
    const durationMicros = isWatched ? micros : null
    const said = isWatched ? result : null
    engine.step(
      run,
      { _tag: "RoutineFinished", job: job.id, call: number, routine, durationMicros, result: said, shared },
      bytes,
    )
    for (const one of held) Debugging.notice(engine, run, call, one.event, one.data)
    engine.ready(run)
  },
  failed: (key, micros, error) => {
    const flight = engine.land(key)
    if (flight !== null) engine.fail(flight.run, flight.call, micros, error, true, flight)
  },
  // A handler that had not begun is run as if nothing had been; one that may be repeated is made again.
  lost: (key, began, reason) => {
    const flight = engine.land(key)
    if (flight === null) return
    const { run, call, isRepeatable } = flight
    if (began && isRepeatable && call.attempt < mostAttempts) return engine.again(run, call)
    engine.fail(run, call, null, callError("HostLost", reason), !began || isRepeatable, flight)
  },
  logged: (key, level, text) => {
    const flight = engine.flight(key)
    if (flight === null || !(hooks && flight.run.job.monitored)) return
    const { run, call } = flight
    const { number, routine } = call
    engine.step(run, { _tag: "JobLogged", job: run.job.id, call: number, routine, level, text }, text.length)
  },
  settled: () => engine.drain(),
})

/** Emissions of a call that has ended take effect now. */
export const emitHeld = (engine: Pick<Engine, "step" | "end" | "means">, flight: Flight): void => {
  for (const one of flight.held) emit(engine, flight, one, true)
}

type Emitted = Flight["held"][number]

/** A call that emits without end would fill the memory before it ended. */
const hold = (engine: Engine, key: number, flight: Flight, one: Emitted): void => {
  flight.held.push(one)
  if (flight.held.length <= engine.means.bounds.queuedOfJob) return
  engine.land(key)
  flight.host.abandon(key)
  flight.held.length = 0
  const reason = `one call emitted more than ${engine.means.bounds.queuedOfJob} events`
  engine.fail(flight.run, flight.call, null, callError("TooManyCalls", reason), false, flight)
}

const emit = (
  engine: Pick<Engine, "step" | "end" | "means">,
  { run, call }: Flight,
  { event, data, bytes }: Emitted,
  held: boolean,
): void => {
  const { job } = run
  if (isOver(job)) return
  const waiting = job.queue.length - job.head
  if (waiting > engine.means.bounds.queuedOfJob) {
    const reason = `more than ${engine.means.bounds.queuedOfJob} calls wait`
    return engine.end(run, "failed", callError("TooManyCalls", reason))
  }
  const { routine, number } = call
  engine.step(run, { _tag: "EventEmitted", job: job.id, call: number, routine, event, data, held }, bytes)
}
