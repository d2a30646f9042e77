// The host of JavaScript modules: a few threads, each call to the one that has least to do; a thread that breaks is replaced.

import type { RoutineClass } from "../../../domain/events/FlowEvents.ts"
import { type Dispatch, type Host, type Listener, maxDataBytes } from "./Host.ts"
import { type Ended, Thread } from "./Thread.ts"
import type { Told } from "./threadWords.ts"

export interface ThreadsOptions {
  /** The bundled worker; told by tests, which run the sources. */
  readonly script?: URL
  readonly count: number
  readonly memoryMegabytes: number
  /** What a thread may take to load all modules. */
  readonly loadMillis: number
}

export interface Loaded {
  readonly classes: ReadonlyArray<RoutineClass>
  readonly errors: ReadonlyArray<{ readonly file: string; readonly reason: string }>
}

/** After so many threads that broke in a row without finishing a call, no more are started. */
const maxBroken = 100

export class Threads implements Host {
  readonly #options: ThreadsOptions
  readonly #listener: Listener
  #threads: Array<Thread> = []
  #files: ReadonlyArray<string> = []
  readonly #refused = new Map<string, string>()
  readonly #owners = new Map<number, Thread>()
  #broken = 0
  #isSending = false
  #isClosed = false

  constructor(options: ThreadsOptions, listener: Listener) {
    this.#options = options
    this.#listener = listener
  }

  /** Starts anew with these modules. Calls under way end in the threads that they are in. */
  load(files: ReadonlyArray<string>, done: (loaded: Loaded) => void): void {
    this.#files = files
    this.#refused.clear()
    const old = this.#threads
    this.#threads = []
    if (files.length === 0) done({ classes: [], errors: [] })
    else this.#start(done)
    for (const thread of old) this.#retire(thread)
  }

  run(dispatch: Dispatch): void {
    let best: Thread | undefined
    for (const thread of this.#threads) if (best === undefined || thread.open.size < best.open.size) best = thread
    if (this.#threads.length < this.#options.count && (best === undefined || best.open.size > 0)) best = this.#start()
    if (best === undefined) return this.#listener.lost(dispatch.key, false, "no thread could be started")
    best.give(dispatch)
    this.#owners.set(dispatch.key, best)
    if (this.#isSending) return
    this.#isSending = true
    queueMicrotask(() => this.#send())
  }

  abandon(key: number): void {
    const thread = this.#owners.get(key)
    this.#owners.delete(key)
    thread?.abandon(key)
  }

  release(): void {
    // Threads belong to no job.
  }

  /** A thread that a handler does not let go of is ended, and its other calls go elsewhere. Asked now and then. */
  look(): void {
    for (const thread of this.#threads) {
      if (thread.isLoaded && thread.isStuck()) thread.close("a handler did not let go of the thread")
    }
  }

  close(): void {
    this.#isClosed = true
    for (const thread of this.#threads) thread.close("the agent ends")
    this.#threads = []
  }

  #send(): void {
    this.#isSending = false
    for (const thread of this.#threads) thread.send()
  }

  #start(done?: (loaded: Loaded) => void): Thread | undefined {
    if (this.#isClosed || this.#broken >= maxBroken) return undefined
    let announce = done
    const thread: Thread = new Thread(
      {
        script: this.#options.script ?? new URL("./threadMain.ts", import.meta.url),
        files: this.#files.filter((file) => !this.#refused.has(file)),
        maxDataBytes,
        memoryMegabytes: this.#options.memoryMegabytes,
      },
      {
        loaded: ({ classes, errors }) => {
          clearTimeout(timer)
          const refused = Array.from(this.#refused, ([file, reason]) => ({ file, reason }))
          announce?.({ classes, errors: [...errors, ...refused] })
          announce = undefined
        },
        told: (told) => this.#heard(told),
        printed: () => undefined,
        ended: (ended) => {
          clearTimeout(timer)
          this.#ended(thread, ended, announce)
        },
      },
    )
    const timer = setTimeout(() => thread.close("the modules took too long to load"), this.#options.loadMillis)
    timer.unref()
    this.#threads.push(thread)
    return thread
  }

  #heard(told: ReadonlyArray<Told>): void {
    for (const one of told) {
      if (!this.#owners.has(one.key)) continue
      switch (one.kind) {
        case "emitted":
          this.#listener.emitted(one.key, one.event, one.data, one.bytes)
          break
        case "finished":
          this.#owners.delete(one.key)
          this.#broken = 0
          this.#listener.finished(one.key, one.micros, one.result, one.shared, one.bytes)
          break
        case "failed":
          this.#owners.delete(one.key)
          this.#listener.failed(one.key, one.micros, one.error)
          break
        case "logged":
          this.#listener.logged(one.key, one.level, one.text)
          break
      }
    }
    this.#listener.settled()
  }

  #ended(thread: Thread, { waiting, broken, reason, loading }: Ended, announce?: (loaded: Loaded) => void): void {
    this.#threads = this.#threads.filter((one) => one !== thread)
    if (this.#isClosed) return
    this.#broken++
    if (loading !== null) this.#refused.set(loading, reason)
    for (const { key } of broken) {
      this.#owners.delete(key)
      this.#listener.lost(key, true, reason)
    }
    for (const dispatch of waiting) this.run(dispatch)
    if (announce !== undefined && this.#start(announce) === undefined) announce({ classes: [], errors: [] })
    this.#listener.settled()
  }

  #retire(thread: Thread): void {
    if (thread.open.size === 0) return thread.close("newer modules took its place")
    setTimeout(() => this.#retire(thread), retireMillis).unref()
  }
}

const retireMillis = 250
