// Runs tasks as managed processes: carries out the starts that were asked for, and accounts for the ends with what was given back.

import { randomUUID } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { Effect, Layer, Stream } from "effect"
import { type CommandError, Commands } from "../../commands/Commands.ts"
import type { Outputs } from "../../commands/Outputs.ts"
import { CommandId } from "../../domain/Brands.ts"
import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"
import type { TaskDefinition, TaskEvent, TaskFinished } from "../../domain/events/TaskEvents.ts"
import { now } from "../../domain/Moment.ts"
import type { Rejection } from "../../domain/Rejection.ts"
import { resultMark } from "../../domain/tasks/resultMark.ts"
import type { Task } from "../../domain/tasks/Tasks.ts"
import { processes } from "../../projections/processes.ts"
import { taskMetrics } from "../../projections/taskMetrics.ts"
import { type View, Views } from "../../projections/Views.ts"

export interface Options {
  readonly dataDirectory: string
  /** Where relative paths begin, and where tasks run. */
  readonly directory: string
  readonly user: string
  readonly host: string
  /** The command that runs a WebAssembly module: its path, function and inputs follow. */
  readonly runner: readonly [string, ...Array<string>]
  readonly outputs: Outputs
}

/** What is told of the output of a task that ended: its last lines, up to so many characters. */
const toldLines = 100
const toldLength = 4096
const againMillis = 1000
const caller = { actor: "agent" }

export const layer = (options: Options): Layer.Layer<never, never, Commands | Views> =>
  Layer.scopedDiscard(Effect.forkScoped(run(options)))

/** Never ends. What is owed follows from the log, so that a start finds whatever an earlier agent left undone. */
const run = (options: Options) =>
  Effect.gen(function* () {
    const views = yield* Views
    const round = Effect.gen(function* () {
      const view = yield* views.until((one) => owing(one).length > 0)
      yield* Effect.forEach(owing(view), (task) => settle(options, task), { discard: true })
    })
    return yield* round.pipe(
      Effect.catchAll((error) =>
        Effect.logDebug(`tasks wait: ${error.message}`).pipe(Effect.zipRight(Effect.sleep(againMillis))),
      ),
      Effect.forever,
    )
  })

const owing = (view: View): ReadonlyArray<Task> =>
  Array.from(view.state(taskMetrics).tasks.byId.values()).filter(({ owes }) => owes !== null)

const settle = (options: Options, task: Task) =>
  task.owes === "boot" ? boot(options, task.definition) : account(options, task)

const boot = Effect.fn("TaskRunner.boot")(function* (options: Options, definition: TaskDefinition) {
  const commands = yield* Commands
  const views = yield* Views
  const spec = yield* Effect.either(Effect.try({ try: () => specOf(options, definition), catch: String }))
  if (spec._tag === "Left") return yield* finish(definition.task, { results: null, error: spec.left })
  const { task, process } = definition
  const asked = { _tag: "BootProcess", id: freshId(), process, spec: spec.right, environment: null } as const
  const booted = yield* Effect.either(commands.submit(asked, caller))
  if (booted._tag === "Right") yield* views.reached(booted.right.position)
  else if (isCommandError(booted.left)) yield* booted.left
  else yield* finish(task, { results: null, error: booted.left.message })
})

const isCommandError = (error: CommandError | Rejection): error is CommandError =>
  error._tag === "Unavailable" || error._tag === "ReadOnly" || error._tag === "CommandOutcomeUnknown"

const specOf = (options: Options, definition: TaskDefinition): ProcessSpec => {
  const { env, module, name } = definition
  const file = module === null ? resolve(options.directory, definition.file ?? "") : moduleFile(options, definition)
  return {
    name,
    kind: "process",
    argv: argvOf(options, definition, file),
    workingDirectory: options.directory,
    env,
    user: options.user,
    session: null,
    treeId: null,
    host: options.host,
    logPath: null,
    // The supervisor holds it against the script roots at the very moment of the start.
    scriptPath: module === null ? file : null,
  }
}

const argvOf = (options: Options, definition: TaskDefinition, file: string): ProcessSpec["argv"] => {
  const isModule = definition.module !== null || file.endsWith(".wasm")
  if (!isModule) return ["/bin/sh", "-c", runOrRead, file, ...definition.arguments]
  return [
    ...options.runner,
    file,
    `--function=${definition.function}`,
    `--inputs=${definition.inputs.join(",")}`,
    "--",
    ...definition.arguments,
  ]
}

/** A program is run; a script that nobody may execute is read. */
const runOrRead = 'if [ -x "$0" ]; then exec "$0" "$@"; else exec /bin/sh "$0" "$@"; fi'

const moduleFile = ({ dataDirectory }: Options, { module, process }: TaskDefinition): string => {
  const folder = join(dataDirectory, "tasks")
  const file = join(folder, `${process}.wasm`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(file, Buffer.from(module ?? "", "base64"), { mode: 0o600 })
  return file
}

const account = Effect.fn("TaskRunner.account")(function* (options: Options, task: Task) {
  const views = yield* Views
  const found = (yield* views.at(now)).state(processes).byId.get(task.definition.process)
  const lines: Array<string> = []
  if (found !== undefined) {
    yield* options.outputs.lines({ process: found, last: toldLines, until: null }).pipe(
      Stream.runForEach((some) => Effect.sync(() => void lines.push(...some))),
      Effect.catchAll((error) => Effect.logDebug(`a task's output cannot be read: ${error.reason}`)),
    )
  }
  yield* finish(task.definition.task, outcomeOf(task, lines))
})

type Outcome = Pick<TaskFinished, "results" | "error">

/** What a function gave back, or else the end of what was written. */
const outcomeOf = ({ error }: Task, lines: ReadonlyArray<string>): Outcome => {
  const given = lines.findLast((line) => line.startsWith(resultMark))
  if (given !== undefined && error === null) return { results: numbersIn(given.slice(resultMark.length)), error }
  const text = lines.join("").trimEnd().slice(-toldLength)
  return { results: text === "" ? null : text, error }
}

const numbersIn = (text: string): ReadonlyArray<number> =>
  text
    .split(/\s+/)
    .filter((one) => one !== "")
    .map(Number)

const finish = (task: string, outcome: Outcome) =>
  Effect.gen(function* () {
    const commands = yield* Commands
    const views = yield* Views
    const event: TaskEvent = { _tag: "TaskFinished", task, ...outcome }
    const { position } = yield* commands.record([event], caller)
    yield* views.reached(position)
  })

const freshId = () => CommandId(randomUUID())
