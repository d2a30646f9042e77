// The host of routines that need no code of one's own: map, filter, collect, delay, an HTTP request, a script.

import { Either } from "effect"
import * as Condition from "../../../domain/conditions/Condition.ts"
import { plain } from "../../../domain/conditions/plain.ts"
import type { RoutineClass } from "../../../domain/events/FlowEvents.ts"
import type { CallError } from "../../../domain/events/JobEvents.ts"
import { callError, type Dispatch, type Host, type Listener, maxDataBytes } from "../hosts/Host.ts"
import { NotJson, toJsonObject } from "../hosts/json.ts"
import { request } from "./request.ts"
import { type ScriptFault, shell } from "./shell.ts"
import { BadConfiguration, type Done, type Work } from "./Work.ts"

const slots = { input: { merge: "override", line: null } } as const
const described = (name: string, events: ReadonlyArray<string>, repeatable: boolean): RoutineClass => ({
  name: `annalist.${name}`,
  kind: "built-in",
  slots,
  events,
  repeatable,
})

export const classes: ReadonlyArray<RoutineClass> = [
  described("Map", ["output"], true),
  described("Filter", ["output", "rejected"], true),
  described("Collect", ["output"], true),
  described("Delay", ["output"], true),
  // Whether a request may be made twice is known to its server only, and of a script to its author.
  described("HttpRequest", ["output", "failed"], false),
  described("Shell", ["output", "failed"], false),
]

const compiled = (text: unknown, what: string): Condition.Condition => {
  if (typeof text !== "string") throw new BadConfiguration(`${what} is an expression`)
  const condition = Condition.compile(text)
  if (Either.isLeft(condition)) throw new BadConfiguration(`${what}: ${condition.left.message}`)
  return condition.right
}

const scopeOf = (dispatch: Dispatch) => (name: string) => {
  if (Object.hasOwn(dispatch.input, name)) return dispatch.input[name]
  return name === "data" ? dispatch.input : name === "shared_data" ? dispatch.shared : undefined
}

const map: Work = (dispatch) => {
  const { set, keep } = dispatch.config
  if (typeof set !== "object" || set === null) throw new BadConfiguration("set names parameters with their expressions")
  const made = Object.entries(set).map(([name, text]) => {
    const value = Condition.valueOf(compiled(text, `set.${name}`), scopeOf(dispatch))
    if (Either.isLeft(value)) throw new Error(`${name}: ${value.left.message}`)
    return [name, plain(value.right)] as const
  })
  return { emissions: [["output", { ...(keep === true ? dispatch.input : {}), ...Object.fromEntries(made) }]] }
}

const filter: Work = (dispatch) => {
  const passes = Condition.holds(compiled(dispatch.config["condition"], "condition"), scopeOf(dispatch))
  return { emissions: [[passes ? "output" : "rejected", dispatch.input]] }
}

/** What it has gathered lies in the job's shared data, under its own name: it survives with the job. */
const collect: Work = (dispatch) => {
  const { count } = dispatch.config
  if (typeof count !== "number" || !Number.isInteger(count) || count < 1) {
    throw new BadConfiguration("count is a whole number from 1 on")
  }
  const key = `${dispatch.routine}.items`
  const before = dispatch.shared[key]
  const items = [...(Array.isArray(before) ? (before as ReadonlyArray<unknown>) : []), dispatch.input]
  return items.length < count
    ? { emissions: [], shared: { [key]: items } }
    : { emissions: [["output", { items }]], shared: { [key]: [] } }
}

const delay: Work = (dispatch, signal) => {
  const { seconds } = dispatch.config
  if (typeof seconds !== "number" || !(seconds >= 0)) throw new BadConfiguration("seconds is a number from 0 on")
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ emissions: [["output", dispatch.input]] }), seconds * 1000)
    signal.addEventListener("abort", () => clearTimeout(timer))
  })
}

const worksOf = (faultOf: ScriptFault): Readonly<Record<string, Work>> => ({
  "annalist.Map": map,
  "annalist.Filter": filter,
  "annalist.Collect": collect,
  "annalist.Delay": delay,
  "annalist.HttpRequest": request,
  "annalist.Shell": shell(faultOf),
})

export const make = (listener: Listener, faultOf: ScriptFault): Host => {
  const works = worksOf(faultOf)
  const running = new Map<number, AbortController>()
  let waiting: Array<Dispatch> = []

  const turn = () => {
    const now = waiting
    waiting = []
    for (const dispatch of now) if (running.has(dispatch.key)) begin(dispatch)
    listener.settled()
  }

  const finish = (dispatch: Dispatch, from: number, done: Done) => {
    const { key } = dispatch
    if (!running.delete(key)) return
    try {
      for (const [event, data] of done.emissions) {
        const { value, bytes } = toJsonObject(data, maxDataBytes)
        listener.emitted(key, event, value, bytes)
      }
      const shared = done.shared === undefined ? null : toJsonObject(done.shared, maxDataBytes)
      listener.finished(key, since(from), null, shared?.value ?? null, shared?.bytes ?? 0)
    } catch (error) {
      listener.failed(key, since(from), errorOf(error))
    }
  }
  const fail = (dispatch: Dispatch, from: number, error: unknown) => {
    if (running.delete(dispatch.key)) listener.failed(dispatch.key, since(from), errorOf(error))
  }

  const begin = (dispatch: Dispatch) => {
    const from = performance.now()
    const work = works[dispatch.className]
    const signal = running.get(dispatch.key)?.signal ?? AbortSignal.abort()
    if (work === undefined || dispatch.slot !== "input") {
      return fail(dispatch, from, new BadConfiguration(`${dispatch.className}.${dispatch.slot} is not there`))
    }
    try {
      const done = work(dispatch, signal)
      if (!(done instanceof Promise)) return finish(dispatch, from, done)
      done.then(
        (later) => {
          finish(dispatch, from, later)
          listener.settled()
        },
        (error: unknown) => {
          fail(dispatch, from, error)
          listener.settled()
        },
      )
    } catch (error) {
      fail(dispatch, from, error)
    }
  }

  return {
    // In a turn of its own, so that a circle of built-in routines does not become one deep call, nor hold up everything else.
    run: (dispatch) => {
      running.set(dispatch.key, new AbortController())
      if (waiting.push(dispatch) === 1) setImmediate(turn)
    },
    abandon: (key) => {
      running.get(key)?.abort()
      running.delete(key)
    },
    release: () => undefined,
  }
}

const since = (from: number): number => Math.round((performance.now() - from) * 1000)

const errorOf = (error: unknown): CallError => {
  if (error instanceof NotJson) return callError("NotSerialisable", error.message)
  return error instanceof Error ? callError(error.constructor.name, error.message) : callError("Error", String(error))
}
