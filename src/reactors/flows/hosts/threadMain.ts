// Runs in a thread of its own: loads the modules, makes the calls in the order in which they come, tells what came of them.

import * as module from "node:module"
import { pathToFileURL } from "node:url"
import { parentPort, workerData } from "node:worker_threads"
import type { CallError } from "../../../domain/events/JobEvents.ts"
import type { RoutineContext } from "../Routine.ts"
import type { Dispatch } from "./Host.ts"
import { NotJson, toJson, toJsonObject } from "./json.ts"
import { classesOf, type LoadedClass } from "./moduleClasses.ts"
import * as moduleHooks from "./moduleHooks.ts"
import type { FromThread, ThreadSetup, Told, ToThread } from "./threadWords.ts"
import { nodeTakesTypeScript } from "./typeScript.ts"

const setup = workerData as ThreadSetup
const begun = new Int32Array(setup.begun)
const classes = new Map<string, LoadedClass>()
const running = new Map<number, AbortController | null>()
let told: Array<Told> = []
let isTelling = false

const say = (words: FromThread): void => parentPort?.postMessage(words, [])

/** All that is told in one turn of the loop goes in one message. */
const tell = (one: Told): void => {
  told.push(one)
  if (isTelling) return
  isTelling = true
  setImmediate(() => {
    isTelling = false
    flush()
  })
}

const flush = (): void => {
  if (told.length === 0) return
  say({ kind: "told", told })
  told = []
}

interface Hooking {
  /** From Node 22.15 on; hooks in the thread itself, where the older way starts a thread for them. */
  readonly registerHooks?: (hooks: Pick<typeof moduleHooks, "resolve">) => unknown
}

const hook = (): void => {
  const { registerHooks } = module as Hooking
  if (nodeTakesTypeScript && registerHooks !== undefined) registerHooks({ resolve: moduleHooks.resolve })
  else module.register(new URL("./moduleHooks.ts", import.meta.url))
}

const load = async (): Promise<void> => {
  const errors: Array<{ file: string; reason: string }> = []
  for (const file of setup.files) {
    say({ kind: "loading", file })
    try {
      const exports = (await import(pathToFileURL(file).href)) as Record<string, unknown>
      for (const one of await classesOf(file, exports)) classes.set(one.described.name, one)
    } catch (error) {
      errors.push({ file, reason: reasonOf(error) })
    }
  }
  say({ kind: "loaded", classes: Array.from(classes.values(), ({ described }) => described), errors })
}

const run = (dispatch: Dispatch): void => {
  const { key } = dispatch
  Atomics.add(begun, 0, 1)
  const from = performance.now()
  const loaded = classes.get(dispatch.className)
  const handler = loaded?.handlers.get(dispatch.slot)
  if (loaded === undefined || handler === undefined) {
    const message = `${dispatch.className}.${dispatch.slot} is not there`
    return tell({ kind: "failed", key, micros: 0, error: { type: "RoutineNotFound", message, line: null } })
  }
  const changed: Record<string, unknown> = {}
  const fail = (error: unknown) => {
    if (running.delete(key)) tell({ kind: "failed", key, micros: since(from), error: errorOf(error, loaded.file) })
  }
  const finish = (result: unknown) => {
    if (!running.has(key)) return
    try {
      const said = toJson(result, setup.maxDataBytes)
      const shared = Object.keys(changed).length === 0 ? null : toJsonObject(changed, setup.maxDataBytes)
      running.delete(key)
      const bytes = said.bytes + (shared?.bytes ?? 0)
      tell({ kind: "finished", key, micros: since(from), result: said.value, shared: shared?.value ?? null, bytes })
    } catch (error) {
      fail(error)
    }
  }
  running.set(key, null)
  try {
    const result: unknown = handler(dispatch.input, contextOf(dispatch, loaded, changed))
    if (isThenable(result)) result.then(finish, fail)
    else finish(result)
  } catch (error) {
    fail(error)
  }
}

const contextOf = (dispatch: Dispatch, loaded: LoadedClass, changed: Record<string, unknown>): RoutineContext => {
  const { key, shared } = dispatch
  const events = new Set(loaded.described.events)
  return {
    job: dispatch.job,
    routine: dispatch.routine,
    slot: dispatch.slot,
    call: dispatch.call,
    attempt: dispatch.attempt,
    config: dispatch.config,
    shared: {
      get: (name) =>
        Object.hasOwn(changed, name) ? changed[name] : Object.hasOwn(shared, name) ? shared[name] : undefined,
      set: (name, value) => void (changed[name] = value),
    },
    emit: (event, data = {}) => {
      if (!events.has(event) && !events.has("*"))
        throw new EventNotFound(`${loaded.described.name} has no event ${event}`)
      const { value, bytes } = toJsonObject(data, setup.maxDataBytes)
      if (running.has(key)) tell({ kind: "emitted", key, event, data: value, bytes })
    },
    log: (text, level = "info") => {
      if (running.has(key)) tell({ kind: "logged", key, level, text: text.slice(0, maxLogText) })
    },
    get signal() {
      const controller = running.get(key) ?? new AbortController()
      if (running.has(key)) running.set(key, controller)
      return controller.signal
    },
  }
}

class EventNotFound extends Error {}

const maxLogText = 4000

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

const since = (from: number): number => Math.round((performance.now() - from) * 1000)

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 4000)

const errorOf = (error: unknown, file: string): CallError => {
  const type = error instanceof NotJson ? "NotSerialisable" : error instanceof Error ? error.constructor.name : "Error"
  const stack = error instanceof Error ? (error.stack ?? "") : ""
  const place = stack.indexOf(file)
  const line = place < 0 ? null : /^:(\d+)/.exec(stack.slice(place + file.length).replace(/^\?[^:]*/, ""))
  return { type, message: reasonOf(error), line: line?.[1] === undefined ? null : Number(line[1]) }
}

// A promise that nobody waits for is a fault of one call; which one cannot be known, so it is only said.
process.on("unhandledRejection", (reason) => {
  for (const key of running.keys())
    tell({ kind: "logged", key, level: "warning", text: `unhandled: ${reasonOf(reason)}` })
})

// What comes while the modules load waits in the port.
hook()
await load()
parentPort?.on("message", (words: ToThread) => {
  switch (words.kind) {
    case "run":
      for (const dispatch of words.dispatches) run(dispatch)
      return flush()
    case "abandon":
      running.get(words.key)?.abort()
      running.delete(words.key)
      return
    case "ping":
      return say({ kind: "pong" })
  }
})
