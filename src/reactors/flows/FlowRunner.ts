// The reactor that runs jobs: takes up what is asked for in the log, goes on with what an earlier agent left, and ends in order.

import { Cause, Effect, Layer, Runtime, Schedule, Stream } from "effect"
import { CommandId, Position } from "../../domain/Brands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import { decide } from "../../domain/flows/decide.ts"
import type { FlowCommand } from "../../domain/flows/FlowCommand.ts"
import * as Flows from "../../domain/flows/Flows.ts"
import { now } from "../../domain/Moment.ts"
import { EventLog } from "../../log/EventLog.ts"
import { flows } from "../../projections/flows.ts"
import { Views } from "../../projections/Views.ts"
import { bootCheck } from "../supervisor/bootCheck.ts"
import * as BuiltIns from "./builtIn/BuiltIns.ts"
import type { ScriptFault } from "./builtIn/shell.ts"
import * as Debugging from "./debugging.ts"
import { Engine } from "./Engine.ts"
import type { Host, Listener } from "./hosts/Host.ts"
import { type Loaded, Threads } from "./hosts/Threads.ts"
import { listenerOf } from "./landing.ts"
import * as FlowFiles from "./FlowFiles.ts"
import * as Modules from "./Modules.ts"
import * as Recorder from "./Recorder.ts"
import { findPrograms, isProgram, type Python } from "./programs/findPrograms.ts"
import type { StartProgram } from "./programs/Program.ts"
import { Programs } from "./programs/Programs.ts"
import { startChild } from "./programs/startChild.ts"
import { resume } from "./resume.ts"
import type { Bounds } from "./Run.ts"

export interface Options {
  /** Files and folders of routine modules. */
  readonly routines: ReadonlyArray<string>
  /** Folders in which the scripts of the built-in shell may lie; none unless told. */
  readonly scriptRoots?: ReadonlyArray<string>
  /** Whether jobs leave a trace from now on; as it was unless told. */
  readonly monitoring?: boolean
  readonly threads?: number
  readonly threadMegabytes?: number
  /** The bundled worker; told by tests, which run the sources. */
  readonly workerScript?: URL
  readonly bounds?: Partial<Bounds>
  /** Null where Python files are not to be looked at. */
  readonly python?: Python | null
  /** How routine programs are started; as plain children unless told. */
  readonly startProgram?: StartProgram
}

const defaultBounds: Bounds = {
  jobs: 10_000,
  callsOfJob: 1_000_000,
  queuedOfJob: 100_000,
  callMillis: 300_000,
}
const defaultThreads = 2
const defaultThreadMegabytes = 512
const loadMillis = 10_000
const lookMillis = 250
/** Between two looks at the files of routines and flows. */
const filesMillis = 1000
/** The most that the agent's end waits for the last steps to be written. */
const farewellMillis = 2000
const followAgain = Schedule.spaced("1 second")

export const layer = (options: Options) => Layer.scopedDiscard(make(options))

/** Ready once the routine classes are known and the jobs of an earlier agent go on. */
const make = Effect.fn("FlowRunner.make")(function* (options: Options) {
  const views = yield* Views
  const log = yield* EventLog
  const view = yield* Effect.orDie(views.at(now))
  const state = Flows.copy(view.state(flows))
  const from = Position(view.position + 1)
  const recorder = Recorder.make(log, (reason, events) => {
    lost.push(`${events} steps of jobs are not in the log: ${reason}`)
  })
  const lost: Array<string> = []
  const run = Runtime.runPromise(yield* Effect.runtime())
  const faultOf = (script: string) => run(scriptFault(script, options.scriptRoots ?? []))
  const { engine, threads, programs } = assemble(state, recorder, faultOf, options)
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      threads.close()
      programs.close()
    }),
  )
  yield* forkTold("writing the steps of jobs", recorder.run)
  yield* Effect.addFinalizer(() => Effect.timeoutOption(recorder.idle, farewellMillis))
  const looks: FlowFiles.Looks = new Map()
  yield* learn(engine, threads, programs, options)
  yield* learnWhatChanged(engine, threads, programs, options, looks, true)
  const enabled = options.monitoring ?? null
  settle(engine, { _tag: "SwitchMonitoring", id: CommandId(""), enabled, maxEventsPerJob: null })
  resume(engine)
  yield* forkTold("following the log", follow(log, engine, from))
  const again = Effect.delay(learnWhatChanged(engine, threads, programs, options, looks, false), filesMillis)
  yield* forkTold("looking at routines and flows", Effect.forever(again))
  yield* forkTold("looking after the jobs", look(engine, threads, programs, lost))
})

/** By the rule for every script that the agent starts. */
const scriptFault = (scriptPath: string, roots: ReadonlyArray<string>) =>
  bootCheck({ argv: ["/bin/sh"], workingDirectory: process.cwd(), scriptPath, logPath: null }, roots).pipe(
    Effect.as(null),
    Effect.catchAll(({ message }) => Effect.succeed(message)),
  )

const assemble = (state: Flows.Flows, recorder: Recorder.Recorder, faultOf: ScriptFault, options: Options) => {
  const hosts = new Map<string, Host>()
  const nowhere: Host = { run: () => undefined, abandon: () => undefined, release: () => undefined }
  const engine = new Engine({
    state,
    bounds: { ...defaultBounds, ...options.bounds },
    recorder,
    hostOf: (_, kind) => hosts.get(kind) ?? nowhere,
    nowMicros: () => Date.now() * 1000,
    millis: () => performance.now(),
  })
  const listener: Listener = listenerOf(engine)
  const threads = new Threads(
    {
      count: options.threads ?? defaultThreads,
      memoryMegabytes: options.threadMegabytes ?? defaultThreadMegabytes,
      loadMillis,
      ...(options.workerScript === undefined ? {} : { script: options.workerScript }),
    },
    listener,
  )
  const programs = new Programs(options.startProgram ?? startChild({ PATH: "/usr/local/bin:/usr/bin:/bin" }), listener)
  hosts.set("module", threads)
  hosts.set("program", programs)
  hosts.set("built-in", BuiltIns.make(listener, faultOf))
  return { engine, threads, programs }
}

/** Loads what there is; what can be used is told to the log when it has changed. */
const learn = Effect.fn("FlowRunner.learn")(function* (
  engine: Engine,
  threads: Threads,
  programs: Programs,
  { routines, python }: Options,
) {
  const files = yield* Modules.find(routines)
  const loaded = yield* Effect.async<Loaded>((resume) =>
    threads.load(files.filter(Modules.isModule), (one) => resume(Effect.succeed(one))),
  )
  const found = yield* findPrograms(files, python ?? null)
  programs.load(found.programs)
  for (const { file, reason } of [...loaded.errors, ...found.errors]) {
    yield* Effect.logWarning(`routines of ${file}: ${reason}`)
  }
  const classes = [...BuiltIns.classes, ...loaded.classes, ...found.programs.flatMap((program) => program.classes)]
  settle(engine, { _tag: "ReportClasses", id: CommandId(""), classes })
})

const isRoutine = (file: string): boolean => Modules.isModule(file) || isProgram(file)

/** Classes first, since flows are made of them. Calls under way end with the classes that they began with. */
const learnWhatChanged = Effect.fn("FlowRunner.learnWhatChanged")(function* (
  engine: Engine,
  threads: Threads,
  programs: Programs,
  options: Options,
  looks: FlowFiles.Looks,
  isFirst: boolean,
) {
  const files = yield* Modules.find(options.routines)
  const routines = yield* FlowFiles.changed(files.filter(isRoutine), looks)
  if (routines.length > 0 && !isFirst) yield* learn(engine, threads, programs, options)
  for (const file of yield* FlowFiles.changed(files.filter(FlowFiles.isFlow), looks)) {
    const read = yield* Effect.either(FlowFiles.readFlow(file))
    const refused =
      read._tag === "Left"
        ? read.left
        : settle(engine, { _tag: "DefineFlow", id: CommandId(""), replace: true, ...read.right })
    if (refused !== null) yield* Effect.logWarning(`the flow of ${file} is as it was: ${refused}`)
  }
})

/** What the runner itself has to say of flows, decided as any command is and written as the engine's events are. */
const settle = (engine: Engine, command: FlowCommand): string | null => {
  const { state, recorder, nowMicros } = engine.means
  const decision = decide(state, command)
  if (decision._tag === "Left") return decision.left.message
  for (const event of decision.right) {
    Flows.apply(state, event, nowMicros())
    recorder.add(event, "")
  }
  return null
}

const follow = (log: typeof EventLog.Service, engine: Engine, from: Position) =>
  Effect.suspend(() => {
    let next = from
    return Stream.suspend(() => log.follow(next)).pipe(
      Stream.runForEach((committed) =>
        Effect.sync(() => {
          for (const envelope of committed) take(engine, envelope)
          next = Position((committed.at(-1)?.position ?? next - 1) + 1)
          engine.drain()
        }),
      ),
      Effect.tapError((error) => Effect.logWarning(`the flow runner lost the log: ${error.reason}`)),
      Effect.retry(followAgain),
    )
  })

/** The engine's own events are applied already: it was there when they happened. */
const take = (engine: Engine, { actor, event, at }: Envelope): void => {
  if (actor === Recorder.actor || event._tag === "SamplesTaken") return
  const { state } = engine.means
  Flows.apply(state, event, at)
  if (!("job" in event) || typeof event.job !== "string") return
  if (event._tag === "JobRequested") return engine.admit(event.job)
  const run = engine.runs.get(event.job)
  if (run === undefined) return
  Debugging.carryOut(engine, run, event)
  engine.ready(run)
}

const look = (engine: Engine, threads: Threads, programs: Programs, lost: Array<string>) =>
  Effect.gen(function* () {
    yield* Effect.sleep(lookMillis)
    engine.look(lookMillis)
    threads.look()
    programs.look()
    for (const line of lost.splice(0)) yield* Effect.logError(line)
  }).pipe(Effect.forever)

const forkTold = <A, E, R>(what: string, task: Effect.Effect<A, E, R>) =>
  task.pipe(
    Effect.tapErrorCause((cause) =>
      Cause.isInterruptedOnly(cause) ? Effect.void : Effect.logError(`${what} failed`, cause),
    ),
    Effect.forkScoped,
  )
