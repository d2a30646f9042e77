// What a command about a task leads to.

import { Data, Either } from "effect"
import type { CommandId } from "../Brands.ts"
import type { TaskDefinition, TaskEvent } from "../events/TaskEvents.ts"
import { isOver, type Tasks } from "./Tasks.ts"

interface Asked {
  readonly id: CommandId
}
interface DefineTask extends Asked {
  readonly _tag: "DefineTask"
  readonly definition: TaskDefinition
  /** The values themselves; they never come into the log. */
  readonly environment: Readonly<Record<string, string>> | null
  readonly start: boolean
}
/** One that runs already goes on. */
interface StartTask extends Asked {
  readonly _tag: "StartTask"
  readonly task: string
}
interface RemoveTask extends Asked {
  readonly _tag: "RemoveTask"
  readonly task: string
}
export type TaskCommand = DefineTask | StartTask | RemoveTask

class TaskNotFound extends Data.TaggedError("TaskNotFound")<{ readonly task: string }> {
  override get message() {
    return `no task has the id ${JSON.stringify(this.task.slice(0, 100))}`
  }
}
class TaskAlreadyExists extends Data.TaggedError("TaskAlreadyExists")<{ readonly task: string }> {
  override get message() {
    return `there is a task ${JSON.stringify(this.task.slice(0, 100))} already`
  }
}
class TaskStillRunning extends Data.TaggedError("TaskStillRunning")<{ readonly task: string }> {
  override get message() {
    return `task ${JSON.stringify(this.task.slice(0, 100))} is running; stop it before it is removed`
  }
}
class TooManyTasks extends Data.TaggedError("TooManyTasks")<{ readonly most: number }> {
  override get message() {
    return `there are ${this.most} tasks; remove ended ones first`
  }
}
export type TaskRejection = TaskNotFound | TaskAlreadyExists | TaskStillRunning | TooManyTasks

/** Each keeps its history, and its module while it came with one. */
const mostTasks = 10_000

export const isOfTask = (command: { readonly _tag: string }): command is TaskCommand =>
  command._tag === "DefineTask" || command._tag === "StartTask" || command._tag === "RemoveTask"

export const decide = (state: Tasks, command: TaskCommand): Either.Either<ReadonlyArray<TaskEvent>, TaskRejection> => {
  if (command._tag === "DefineTask") {
    const { definition } = command
    if (state.byId.has(definition.task)) return Either.left(new TaskAlreadyExists({ task: definition.task }))
    if (state.byId.size >= mostTasks) return Either.left(new TooManyTasks({ most: mostTasks }))
    const defined: TaskEvent = { _tag: "TaskDefined", definition }
    return Either.right(command.start ? [defined, { _tag: "TaskStartRequested", task: definition.task }] : [defined])
  }
  const task = state.byId.get(command.task)
  if (task === undefined) return Either.left(new TaskNotFound({ task: command.task }))
  const isIdle = task.owes === null && (task.status === "pending" || isOver(task))
  if (command._tag === "StartTask")
    return Either.right(isIdle ? [{ _tag: "TaskStartRequested", task: command.task }] : [])
  return isIdle
    ? Either.right([{ _tag: "TaskRemoved", task: command.task }])
    : Either.left(new TaskStillRunning({ task: command.task }))
}
