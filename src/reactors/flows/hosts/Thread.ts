// One thread that runs routines: what it was given, how far it has begun, and how it is known to be stuck.

import { Worker } from "node:worker_threads"
import type { Dispatch } from "./Host.ts"
import type { FromThread, ThreadSetup, Told, ToThread } from "./threadWords.ts"

export interface ThreadOptions {
  readonly script: URL
  readonly files: ReadonlyArray<string>
  readonly maxDataBytes: number
  readonly memoryMegabytes: number
}

export interface Ended {
  /** Given and never begun. */
  readonly waiting: ReadonlyArray<Dispatch>
  /** In the middle. */
  readonly broken: ReadonlyArray<Dispatch>
  readonly reason: string
  /** The file that it was loading, if it ended over that. */
  readonly loading: string | null
}

export interface ThreadListener {
  readonly loaded: (words: Extract<FromThread, { readonly kind: "loaded" }>) => void
  readonly told: (told: ReadonlyArray<Told>) => void
  readonly printed: (bytes: number) => void
  readonly ended: (ended: Ended) => void
}

export class Thread {
  readonly #worker: Worker
  readonly #begun = new Int32Array(new SharedArrayBuffer(4))
  readonly #given: Array<Dispatch> = []
  /** Of the calls cut off the front of `given`. */
  #cut = 0
  #outbox: Array<Dispatch> = []
  #loading: string | null = null
  #reason = "the thread ended"
  #hasEnded = false
  #pinged = false
  #doubted = false
  isLoaded = false
  readonly open = new Map<number, Dispatch>()

  constructor(options: ThreadOptions, listener: ThreadListener) {
    const { files, maxDataBytes } = options
    const setup: ThreadSetup = { files, maxDataBytes, begun: this.#begun.buffer }
    this.#worker = new Worker(options.script, {
      workerData: setup,
      stdout: true,
      stderr: true,
      // A routine sees no settings and no secrets of the agent.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMegabytes },
    })
    this.#worker.on("message", (words: FromThread) => this.#heard(words, listener))
    this.#worker.on("error", (error) => (this.#reason = `the thread broke: ${error.message}`))
    this.#worker.on("exit", () => this.#end(listener))
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) {
      stream.on("data", (chunk: Buffer) => listener.printed(chunk.length))
    }
    this.#worker.unref()
  }

  /** Sent with all others of this turn by `send`. */
  give(dispatch: Dispatch): void {
    this.#outbox.push(dispatch)
    this.#given.push(dispatch)
    this.open.set(dispatch.key, dispatch)
  }

  send(): void {
    if (this.#outbox.length === 0) return
    this.#post({ kind: "run", dispatches: this.#outbox })
    this.#outbox = []
  }

  /** From here on it is asked whether it still answers. */
  abandon(key: number): void {
    if (!this.open.delete(key)) return
    this.#post({ kind: "abandon", key })
    this.#doubted = true
  }

  /** True for a thread in which a call was given up and that has not answered since the last look. */
  isStuck(): boolean {
    if (!this.#doubted) return false
    const isStuck = this.#pinged
    this.#pinged = true
    this.#post({ kind: "ping" })
    return isStuck
  }

  close(reason: string): void {
    this.#reason = reason
    void this.#worker.terminate()
  }

  #post(words: ToThread): void {
    this.#worker.postMessage(words, [])
  }

  #heard(words: FromThread, listener: ThreadListener): void {
    if (this.#hasEnded) return
    switch (words.kind) {
      case "loading":
        this.#loading = words.file
        return
      case "loaded":
        this.#loading = null
        this.isLoaded = true
        return listener.loaded(words)
      case "pong":
        this.#pinged = false
        this.#doubted = false
        return
      case "told":
        for (const one of words.told) if (one.kind === "finished" || one.kind === "failed") this.open.delete(one.key)
        this.#cutGiven()
        return listener.told(words.told)
    }
  }

  #end(listener: ThreadListener): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const begun = Atomics.load(this.#begun, 0) - this.#cut
    const isOpen = ({ key }: Dispatch) => this.open.has(key)
    listener.ended({
      waiting: this.#given.slice(begun).filter(isOpen),
      broken: this.#given.slice(0, begun).filter(isOpen),
      reason: this.#reason,
      loading: this.#loading,
    })
  }

  /** Calls that have begun and ended are of no interest any more. */
  #cutGiven(): void {
    if (this.#given.length < 4096) return
    let count = 0
    const begun = Atomics.load(this.#begun, 0) - this.#cut
    while (count < begun && !this.open.has(this.#given[count]?.key ?? -1)) count++
    this.#given.splice(0, count)
    this.#cut += count
  }
}
