// The host of routine programs: one child a job and program, started with its first call, ended with the job.

import { Either } from "effect"
import { callError, type Dispatch, type Host, type Listener } from "../hosts/Host.ts"
import type { Child, Program, StartProgram } from "./Program.ts"
import { callLine, read } from "./ProgramWords.ts"

interface Serving {
  readonly child: Child
  readonly job: string
  readonly file: string
  /** Calls given to it, with the time. */
  readonly open: Map<number, { readonly dispatch: Dispatch; readonly from: number }>
  usedAt: number
}

/** Children at the same time; calls that need one more wait. */
const mostChildren = 128
const idleMillis = 60_000

export class Programs implements Host {
  readonly #start: StartProgram
  readonly #listener: Listener
  #byClass = new Map<string, Program>()
  readonly #servings = new Map<string, Serving>()
  readonly #owners = new Map<number, Serving>()
  #waiting: Array<Dispatch> = []

  constructor(start: StartProgram, listener: Listener) {
    this.#start = start
    this.#listener = listener
  }

  load(programs: ReadonlyArray<Program>): void {
    this.#byClass = new Map(programs.flatMap((program) => program.classes.map(({ name }) => [name, program] as const)))
  }

  run(dispatch: Dispatch): void {
    const program = this.#byClass.get(dispatch.className)
    if (program === undefined) {
      this.#listener.failed(dispatch.key, null, callError("RoutineNotFound", `no program has ${dispatch.className}`))
      return
    }
    const id = `${dispatch.job}\n${program.file}`
    const known = this.#servings.get(id)
    if (known === undefined && this.#servings.size >= mostChildren) {
      this.#waiting.push(dispatch)
      return
    }
    const serving = known ?? this.#serve(id, program, dispatch.job)
    const from = performance.now()
    serving.open.set(dispatch.key, { dispatch, from })
    serving.usedAt = from
    this.#owners.set(dispatch.key, serving)
    serving.child.write(callLine(dispatch))
  }

  /** A program makes its calls one after the other: one that does not end holds up all others, so it is ended with it. */
  abandon(key: number): void {
    this.#waiting = this.#waiting.filter((one) => one.key !== key)
    const serving = this.#owners.get(key)
    if (serving === undefined) return
    this.#forget(key)
    serving.child.kill()
  }

  release(job: string): void {
    for (const serving of this.#servings.values()) if (serving.job === job) serving.child.end()
  }

  /** Those that nobody called for long, as of a job that stands still, make room. */
  look(): void {
    const before = performance.now() - idleMillis
    for (const { child, open, usedAt } of this.#servings.values()) if (open.size === 0 && usedAt < before) child.end()
  }

  close(): void {
    for (const { child } of this.#servings.values()) child.kill()
  }

  #serve(id: string, program: Program, job: string): Serving {
    const child = this.#start(program, job, {
      line: (text) => this.#heard(serving, text),
      overflow: () => this.#distrust(serving, "a line is too long to be one of the protocol"),
      printed: (text) => {
        const [first] = serving.open.keys()
        if (first !== undefined) this.#listener.logged(first, "warning", text.trimEnd())
      },
      // Not before the child is known here, even where it cannot be started at all.
      ended: (reason) => queueMicrotask(() => this.#ended(id, serving, reason)),
    })
    const serving: Serving = { child, job, file: program.file, open: new Map(), usedAt: performance.now() }
    this.#servings.set(id, serving)
    return serving
  }

  #heard(serving: Serving, text: string): void {
    const words = read(text)
    if (Either.isLeft(words)) {
      this.#distrust(serving, `it wrote ${JSON.stringify(text.slice(0, 80))}: ${words.left}`)
      return
    }
    const said = words.right
    const open = serving.open.get(said.key)
    if (open === undefined) return
    switch (said.kind) {
      case "emitted":
        this.#listener.emitted(said.key, said.event, said.data, said.bytes)
        break
      case "logged":
        this.#listener.logged(said.key, said.level, said.text)
        break
      case "finished":
        this.#forget(said.key)
        this.#listener.finished(said.key, since(open.from), said.result, said.shared, said.bytes)
        break
      case "failed":
        this.#forget(said.key)
        this.#listener.failed(said.key, since(open.from), said.error)
        break
    }
    this.#listener.settled()
  }

  #distrust(serving: Serving, message: string): void {
    for (const [key, { from }] of Array.from(serving.open)) {
      this.#forget(key)
      this.#listener.failed(key, since(from), callError("ProtocolError", message))
    }
    serving.child.kill()
    this.#listener.settled()
  }

  #ended(id: string, serving: Serving, reason: string): void {
    if (this.#servings.get(id) === serving) this.#servings.delete(id)
    for (const key of Array.from(serving.open.keys())) {
      this.#forget(key)
      this.#listener.lost(key, true, reason)
    }
    for (const dispatch of this.#waiting.splice(0)) this.run(dispatch)
    this.#listener.settled()
  }

  #forget(key: number): void {
    this.#owners.get(key)?.open.delete(key)
    this.#owners.delete(key)
  }
}

const since = (from: number): number => Math.round((performance.now() - from) * 1000)
