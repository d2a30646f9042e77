// What a command leads to, whatever it is about: the one door of the rules.

import type { Either } from "effect"
import type { Command } from "./Command.ts"
import type { Envelope } from "./Envelope.ts"
import type { Event } from "./Event.ts"
import { decide as decideFlow } from "./flows/decide.ts"
import * as Flows from "./flows/Flows.ts"
import { decide as decideProcess } from "./processes/decide.ts"
import type { ProcessCommand } from "./processes/ProcessCommand.ts"
import * as Processes from "./processes/Processes.ts"
import type { Rejection } from "./Rejection.ts"
import { decide as decideTask, isOfTask } from "./tasks/decide.ts"
import * as Tasks from "./tasks/Tasks.ts"

/** All that decisions rest on. */
export interface Known {
  processes: Processes.Processes
  flows: Flows.Flows
  tasks: Tasks.Tasks
}

export const initial = (): Known => ({ processes: Processes.initial(), flows: Flows.initial(), tasks: Tasks.initial() })

export const evolve = (known: Known, envelope: Envelope): Known => {
  known.processes = Processes.evolve(known.processes, envelope)
  known.flows = Flows.evolve(known.flows, envelope)
  known.tasks = Tasks.evolve(known.tasks, envelope)
  return known
}

const isOfProcess = (command: Command): command is ProcessCommand => "process" in command

export const decide = (known: Known, command: Command): Either.Either<ReadonlyArray<Event>, Rejection> => {
  if (isOfProcess(command)) return decideProcess(known.processes, command)
  return isOfTask(command) ? decideTask(known.tasks, command) : decideFlow(known.flows, command)
}
