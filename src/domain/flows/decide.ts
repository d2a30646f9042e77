// What a command about flows leads to: events, nothing, or a rejection. Total and pure.

import { Either } from "effect"
import type { FlowEvent } from "../events/FlowEvents.ts"
import type { JobEvent } from "../events/JobEvents.ts"
import { decideJob, soundBreakpoint } from "./decideJob.ts"
import type { AddConnection, AddRoutine, DefineFlow, FlowCommand, ForgetJobs, StartJob } from "./FlowCommand.ts"
import type { Flow, Flows } from "./Flows.ts"
import {
  ConnectionNotFound,
  FlowAlreadyExists,
  FlowNotFound,
  type FlowRejection,
  FlowUnsound,
  JobAlreadyExists,
  JobNotFound,
  JobStillRunning,
  RoutineAlreadyExists,
  RoutineNotFound,
  SlotNotFound,
} from "./FlowRejection.ts"
import { isOver } from "./Job.ts"
import { faults, faultsOfConnection } from "./validate.ts"

type Decision = Either.Either<ReadonlyArray<FlowEvent | JobEvent>, FlowRejection>

const nothing: Decision = Either.right([])
const accept = (...events: ReadonlyArray<FlowEvent | JobEvent>): Decision => Either.right(events)

export const decide = (state: Flows, command: FlowCommand): Decision => {
  switch (command._tag) {
    case "DefineFlow":
      return define(state, command)
    case "ReportClasses":
      return sameClasses(state, command.classes)
        ? nothing
        : accept({ _tag: "RoutineClassesFound", classes: command.classes })
    case "SwitchMonitoring":
      return switchMonitoring(state, command.enabled, command.maxEventsPerJob)
    case "ForgetJobs":
      return forget(state, command)
    case "StartJob":
    case "RemoveFlow":
    case "AddRoutine":
    case "RemoveRoutine":
    case "AddConnection":
    case "RemoveConnection": {
      const flow = state.flows.get(command.flow)
      return flow === undefined ? Either.left(new FlowNotFound({ flow: command.flow })) : ofFlow(state, flow, command)
    }
    default: {
      const job = state.jobs.get(command.job)
      return job === undefined ? Either.left(new JobNotFound({ job: command.job })) : decideJob(job, command)
    }
  }
}

type OfFlow = Extract<FlowCommand, { readonly flow: string }>

const ofFlow = (state: Flows, flow: Flow, command: Exclude<OfFlow, DefineFlow>): Decision => {
  switch (command._tag) {
    case "StartJob":
      return start(state, flow, command)
    case "RemoveFlow":
      return accept({ _tag: "FlowRemoved", flow: flow.id })
    case "AddRoutine":
      return addRoutine(state, flow, command)
    case "RemoveRoutine":
      return Object.hasOwn(flow.definition.routines, command.routine)
        ? accept({ _tag: "RoutineRemoved", flow: flow.id, routine: command.routine })
        : Either.left(new RoutineNotFound({ routine: command.routine }))
    case "AddConnection":
      return addConnection(state, flow, command)
    case "RemoveConnection": {
      const connection = flow.definition.connections[command.index]
      return connection === undefined
        ? Either.left(new ConnectionNotFound({ index: command.index }))
        : accept({ _tag: "ConnectionRemoved", flow: flow.id, connection: connection.id })
    }
  }
}

const define = (state: Flows, { flow, definition, replace }: DefineFlow): Decision => {
  const known = state.flows.get(flow)
  if (known !== undefined && !replace) return Either.left(new FlowAlreadyExists({ flow }))
  if (known !== undefined && JSON.stringify(known.definition) === JSON.stringify(definition)) return nothing
  const issues = faults(definition, state.classes)
  return issues.length > 0
    ? Either.left(new FlowUnsound({ issues }))
    : accept({ _tag: "FlowDefined", flow, definition })
}

const addRoutine = (state: Flows, { id, definition }: Flow, { routine, use }: AddRoutine): Decision => {
  if (Object.hasOwn(definition.routines, routine)) return Either.left(new RoutineAlreadyExists({ routine }))
  const issues = faults({ ...definition, routines: { [routine]: use }, connections: [] }, state.classes)
  return issues.length > 0
    ? Either.left(new FlowUnsound({ issues }))
    : accept({ _tag: "RoutineAdded", flow: id, routine, use })
}

/** A connection that is there already changes nothing: an event has one call a slot. */
const addConnection = (state: Flows, { id, definition }: Flow, { connection }: AddConnection): Decision => {
  const issues = faultsOfConnection(definition, state.classes, connection)
  if (issues.length > 0) return Either.left(new FlowUnsound({ issues }))
  const isKnown = definition.connections.some(
    (one) =>
      one.sourceRoutine === connection.sourceRoutine &&
      one.sourceEvent === connection.sourceEvent &&
      one.targetRoutine === connection.targetRoutine &&
      one.targetSlot === connection.targetSlot,
  )
  return isKnown ? nothing : accept({ _tag: "ConnectionAdded", flow: id, connection })
}

const start = (state: Flows, { id, definition }: Flow, command: StartJob): Decision => {
  const { job, routine, slot, input, origin, shared } = command
  if (state.jobs.has(job)) return Either.left(new JobAlreadyExists({ job }))
  const use = Object.hasOwn(definition.routines, routine) ? definition.routines[routine] : undefined
  if (use === undefined) return Either.left(new RoutineNotFound({ routine }))
  const known = Object.keys(state.classes.get(use.className)?.slots ?? {})
  if (!known.includes(slot)) return Either.left(new SlotNotFound({ routine, slot, known }))
  const unsound = command.breakpoints.map((breakpoint) => soundBreakpoint(definition, breakpoint))
  for (const one of unsound) if (Either.isLeft(one)) return Either.left(one.left)
  return accept(
    { _tag: "JobRequested", job, flow: id, routine, slot, input, origin, ...(shared === undefined ? {} : { shared }) },
    ...command.breakpoints.map((breakpoint) => ({ _tag: "BreakpointSet", job, breakpoint }) as const),
    ...(command.paused ? [{ _tag: "JobPauseRequested", job } as const] : []),
  )
}

const sameClasses = (state: Flows, classes: ReadonlyArray<unknown>): boolean =>
  JSON.stringify(Array.from(state.classes.values())) === JSON.stringify(classes)

const switchMonitoring = (state: Flows, enabled: boolean | null, most: number | null): Decision => {
  const wanted = {
    enabled: enabled ?? state.monitoring.enabled,
    maxEventsPerJob: most ?? state.monitoring.maxEventsPerJob,
  }
  const isSame =
    wanted.enabled === state.monitoring.enabled && wanted.maxEventsPerJob === state.monitoring.maxEventsPerJob
  return isSame ? nothing : accept({ _tag: "MonitoringSwitched", ...wanted })
}

const forget = (state: Flows, { jobs }: ForgetJobs): Decision => {
  for (const id of jobs) {
    const job = state.jobs.get(id)
    if (job === undefined) return Either.left(new JobNotFound({ job: id }))
    if (!isOver(job)) return Either.left(new JobStillRunning({ job: id }))
  }
  return accept(...jobs.map((job) => ({ _tag: "JobForgotten", job }) as const))
}
