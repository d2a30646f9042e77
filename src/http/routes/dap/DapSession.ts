// One editor's session with one job: its requests in the order in which they come, and what happens to the job told in between.

import { Effect, Stream } from "effect"
import { Position } from "../../../domain/Brands.ts"
import type { Breakpoint, JobEvent } from "../../../domain/events/JobEvents.ts"
import type { FlowCommand } from "../../../domain/flows/FlowCommand.ts"
import { isOver, type Job } from "../../../domain/flows/Job.ts"
import { now } from "../../../domain/Moment.ts"
import { flows } from "../../../projections/flows.ts"
import { LogReader } from "../../../projections/LogReader.ts"
import { type View, Views } from "../../../projections/Views.ts"
import { Handles } from "../../../wire/dap/Handles.ts"
import type { Target } from "../../../wire/dap/places.ts"
import { ended, stopped, type Told, toldOf } from "../../../wire/dap/told.ts"
import { Problem } from "../../Problem.ts"
import { ofReading } from "../../problems.ts"
import type { Conversation, RouteCaller, RouteNeeds } from "../../Route.ts"
import { jobOfEvent } from "../routilux/monitors.ts"
import { freshId, jobOf, submitted, unfit } from "../routilux/submitting.ts"
import type { Launch } from "./requests.ts"
import { type Placed, placed, type Wished } from "./lineBreakpoints.ts"

type Running = typeof Launch.Type & { readonly job: string }

interface SetBreakpoint {
  readonly id: number
  readonly source: string
  readonly breakpoints: ReadonlyArray<Breakpoint>
}

/** The job is the session's own unless it is said. */
export type Asked = FlowCommand extends infer Command
  ? Command extends { readonly job: string }
    ? Omit<Command, "id" | "job"> & { readonly job?: string }
    : never
  : never

type Answering<A> = Effect.Effect<A, Problem, RouteNeeds>

export class DapSession {
  readonly handles = new Handles()
  readonly #conversation: Pick<Conversation, "tell" | "about">
  #seq = 1
  /** Known once it is attached or launched. */
  caller: RouteCaller | null = null
  #job: string | null = null
  /** Asked for by `launch`, started by `configurationDone`. */
  #pending: Running | null = null
  #set: Array<SetBreakpoint> = []
  #nextId = 1
  /** A moment of the past that is looked at in place of the present. */
  past: View | null = null
  isLaunched = false

  constructor(conversation: Pick<Conversation, "tell" | "about">) {
    this.#conversation = conversation
  }

  tell(words: object): Effect.Effect<void> {
    return Effect.suspend(() => this.#conversation.tell({ seq: this.#seq++, ...words }))
  }

  event({ event, body }: Told): Effect.Effect<void> {
    return this.tell({ type: "event", event, ...(body === undefined ? {} : { body }) })
  }

  get view(): Answering<View> {
    return Effect.suspend(() =>
      this.past === null
        ? Effect.flatMap(Views, (views) => Effect.mapError(views.at(now), ofReading))
        : Effect.succeed(this.past),
    )
  }

  /** As it is shown: now, or in the past that is looked at. */
  get job(): Answering<Job> {
    return Effect.gen(this, function* () {
      const found = jobOf(yield* this.view, yield* this.#id)
      return found instanceof Problem ? yield* found : found
    })
  }

  get #id(): Answering<string> {
    return this.#job === null ? Effect.fail(unfit("attach or launch comes first")) : Effect.succeed(this.#job)
  }

  attach(job: string): Answering<void> {
    return Effect.gen(this, function* () {
      this.#job = job
      yield* this.job.pipe(Effect.tapError(() => Effect.sync(() => void (this.#job = null))))
      this.#conversation.about(new Set([job]))
    })
  }

  launch(running: Running): void {
    this.#pending = running
    this.isLaunched = true
  }

  /** A launched job begins now, with its breakpoints; one that stands already says where. */
  begin(): Answering<void> {
    return Effect.gen(this, function* () {
      const pending = this.#pending
      if (pending !== null) {
        this.#pending = null
        const { job, flow_id: flow, entry_routine_id: routine, entry_slot, entry_params } = pending
        yield* this.ask({
          _tag: "StartJob",
          job,
          flow,
          routine,
          slot: entry_slot ?? "trigger",
          input: entry_params ?? {},
          origin: null,
          paused: pending.stopOnEntry ?? false,
          breakpoints: this.#set.flatMap(({ breakpoints }) => breakpoints),
        })
        yield* this.attach(job)
      }
    })
  }

  /** What happens from the view on, each after the views show it. `permit` keeps it out of an answer's way. */
  follow(view: View, permit: Effect.Semaphore): Effect.Effect<void, never, RouteNeeds> {
    const first = Effect.gen(this, function* () {
      const job = view.state(flows).jobs.get(yield* this.#id)
      if (job === undefined) return
      if (job.pause !== null) yield* this.event(stopped(job, this.#idsOf(job.pause.breakpoint ?? "")))
      if (isOver(job)) yield* Effect.forEach(ended(job.status, job.error), (told) => this.event(told))
    })
    const rest = Effect.gen(this, function* () {
      const reader = yield* LogReader
      const id = yield* this.#id
      const mine = Stream.mapConcat(reader.follow(Position(view.position + 1)), (committed) =>
        committed.filter((envelope) => jobOfEvent(envelope) === id),
      )
      yield* Stream.runForEach(mine, ({ event, position }) =>
        permit.withPermits(1)(this.#happened(event as JobEvent, position)),
      )
    })
    return Effect.zipRight(first, rest).pipe(
      Effect.catchAll((error) => Effect.logWarning(`a debugger can no longer follow its job: ${error.message}`)),
    )
  }

  #happened(event: JobEvent, position: Position): Answering<void> {
    return Effect.gen(this, function* () {
      const views = yield* Views
      const view = yield* Effect.mapError(views.reached(position), ofReading)
      const job = view.state(flows).jobs.get(event.job)
      if (job === undefined) return
      const told = toldOf(event, job, (breakpoint) => this.#idsOf(breakpoint))
      if (told.some(({ event }) => event === "stopped" || event === "continued")) this.#leavePast()
      yield* Effect.forEach(told, (one) => this.event(one), { discard: true })
    })
  }

  /** Everything that was shown before is of another moment. */
  #leavePast(): void {
    this.past = null
    this.handles.clear()
  }

  show(view: View): Answering<void> {
    return Effect.gen(this, function* () {
      this.handles.clear()
      this.past = view
      const job = yield* this.job
      yield* this.event(stopped(job, [], `in the past, before position ${view.position + 1}`))
    })
  }

  /** From the past back to where the job stands now; false where that is what is shown. */
  present(): Answering<boolean> {
    return Effect.gen(this, function* () {
      if (this.past === null) return false
      this.#leavePast()
      const job = yield* this.job
      if (job.pause !== null) yield* this.event(stopped(job, []))
      return true
    })
  }

  /** A command about this job, in the name of who attached. */
  ask(command: Asked): Answering<View> {
    return Effect.gen(this, function* () {
      const { caller } = this
      const job = command.job ?? (yield* this.#id)
      if (caller === null) return yield* unfit("attach or launch comes first")
      return yield* submitted({ ...command, id: freshId(), job }, caller)
    })
  }

  /** In place of all that were set in this source before; null for those by name. */
  setBreakpoints(path: string | null, wishes: ReadonlyArray<Wished>): Answering<ReadonlyArray<object>> {
    return Effect.gen(this, function* () {
      const source = path ?? ""
      const target = yield* this.#target
      yield* this.#remove((one) => one.source === source)
      return yield* Effect.forEach(wishes, (wished) => this.#put(source, placed(target, path, wished)))
    })
  }

  /** Those that this session set; others stay. */
  removeBreakpoints(): Answering<void> {
    return this.#remove(() => true)
  }

  #put(source: string, { breakpoints, answer }: Placed): Answering<object> {
    return Effect.gen(this, function* () {
      const id = this.#nextId++
      if (this.#pending === null) {
        yield* Effect.forEach(breakpoints, (breakpoint) => this.ask({ _tag: "SetBreakpoint", breakpoint }))
      }
      if (breakpoints.length > 0) this.#set.push({ id, source, breakpoints })
      return { id, ...answer }
    })
  }

  #remove(isMeant: (one: SetBreakpoint) => boolean): Answering<void> {
    return Effect.gen(this, function* () {
      const going = this.#set.filter(isMeant)
      this.#set = this.#set.filter((one) => !isMeant(one))
      if (this.#pending !== null) return
      for (const { id } of going.flatMap(({ breakpoints }) => breakpoints)) {
        // Somebody else may have removed it already.
        yield* Effect.ignore(this.ask({ _tag: "RemoveBreakpoint", breakpoint: id }))
      }
    })
  }

  get #target(): Answering<Target> {
    const pending = this.#pending
    if (pending === null) return this.job
    return Effect.gen(this, function* () {
      const { flows: known, classes } = (yield* this.view).state(flows)
      const definition = known.get(pending.flow_id)?.definition
      return definition === undefined ? yield* unfit(`there is no flow ${pending.flow_id}`) : { definition, classes }
    })
  }

  #idsOf(breakpoint: string): ReadonlyArray<number> {
    return this.#set.filter(({ breakpoints }) => breakpoints.some(({ id }) => id === breakpoint)).map(({ id }) => id)
  }
}
