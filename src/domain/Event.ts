// The union of everything that can have happened, and the lane in which each kind lies.

import { Either, Schema } from "effect"
import { AgentEvent } from "./events/AgentEvents.ts"
import { AlertEvent } from "./events/AlertEvents.ts"
import { AuditEvent } from "./events/AuditEvents.ts"
import { CollectiveEvent } from "./events/CollectiveEvents.ts"
import { EvidenceEvent } from "./events/EvidenceEvents.ts"
import { FlowEvent } from "./events/FlowEvents.ts"
import { HostProcessEvent } from "./events/HostProcessEvents.ts"
import { JobEvent } from "./events/JobEvents.ts"
import { OutletEvent } from "./events/OutletEvents.ts"
import { MeasuresTaken } from "./events/MeasureEvents.ts"
import { ProcessEvent } from "./events/ProcessEvents.ts"
import { PropletReported } from "./events/PropletEvents.ts"
import { SamplesTaken } from "./events/SampleEvents.ts"
import { TaskEvent } from "./events/TaskEvents.ts"
import type { UnknownEvent } from "./UnknownEvent.ts"

export const KnownEvent = Schema.Union(
  AgentEvent,
  ProcessEvent,
  SamplesTaken,
  MeasuresTaken,
  HostProcessEvent,
  CollectiveEvent,
  AuditEvent,
  FlowEvent,
  JobEvent,
  AlertEvent,
  OutletEvent,
  TaskEvent,
  PropletReported,
  EvidenceEvent,
)
export type KnownEvent = typeof KnownEvent.Type
export type Event = KnownEvent | UnknownEvent
export type EventTag = KnownEvent["_tag"]

/** Actions are kept for ever; telemetry ages by whole blocks. */
export type Lane = "action" | "telemetry"

/** Every event that this build knows, with its lane; the compiler holds the table complete. */
const lanes: Readonly<Record<EventTag, Lane>> = {
  AgentStarted: "action",
  AgentStopped: "action",
  AgentSampled: "telemetry",
  Ticked: "telemetry",
  ClockJumped: "action",
  TelemetryDropped: "action",
  CollectorFailed: "action",
  CollectorRecovered: "action",
  BackupRequested: "action",
  LogBackedUp: "action",
  BackupFailed: "action",
  LogDamageFound: "action",
  ProcessBootRequested: "action",
  ProcessBooted: "action",
  ProcessReady: "action",
  ProcessUnresponsive: "action",
  ProcessBootFailed: "action",
  ProcessSignalRequested: "action",
  ProcessSignalled: "action",
  SignalRefused: "action",
  ProcessExited: "action",
  ProcessRestartRequested: "action",
  ProcessRestartScheduled: "action",
  ProcessRestartCancelled: "action",
  ProcessLimitsRequested: "action",
  ProcessLimitsApplied: "action",
  ProcessAdopted: "action",
  ProcessFlushed: "action",
  SamplesTaken: "telemetry",
  ProcessesSampled: "telemetry",
  MeasuresTaken: "telemetry",
  ProcessInspectionRequested: "telemetry",
  ProcessInspected: "telemetry",
  HostProcessEndRequested: "action",
  HostProcessEnded: "action",
  CollectiveStarted: "telemetry",
  CollectiveFinished: "telemetry",
  TransferStarted: "telemetry",
  TransferFinished: "telemetry",
  AccessRefused: "action",
  RefusalsCounted: "action",
  CommandRefused: "action",
  RoutineClassesFound: "action",
  FlowDefined: "action",
  FlowRemoved: "action",
  RoutineAdded: "action",
  RoutineRemoved: "action",
  ConnectionAdded: "action",
  ConnectionRemoved: "action",
  MonitoringSwitched: "action",
  JobRequested: "action",
  JobStarted: "action",
  JobPauseRequested: "action",
  JobResumeRequested: "action",
  JobStepRequested: "action",
  JobCancelRequested: "action",
  VariableChangeRequested: "action",
  JobPaused: "action",
  JobResumed: "action",
  JobStepped: "action",
  VariableSet: "action",
  BreakpointSet: "action",
  BreakpointSwitched: "action",
  BreakpointRemoved: "action",
  BreakpointHit: "action",
  // The steps of a job, ten thousand a second: they age, but never while the job lives (docs/flows.md).
  BreakpointPassed: "telemetry",
  SlotCalled: "telemetry",
  EventEmitted: "telemetry",
  RoutineFinished: "telemetry",
  RoutineFailed: "telemetry",
  JobLogged: "telemetry",
  JobFinished: "action",
  JobForgotten: "action",
  AlertRuleDefined: "action",
  AlertRuleRemoved: "action",
  AlertRaised: "action",
  AlertCleared: "action",
  OutletOpened: "action",
  OutletClosed: "action",
  // Only the latest counts, and while an outlet delivers there is always a late one.
  OutletAdvanced: "telemetry",
  OutletFailed: "action",
  OutletRecovered: "action",
  TaskDefined: "action",
  TaskStartRequested: "action",
  TaskFinished: "action",
  TaskRemoved: "action",
  PropletReported: "telemetry",
  ProcessExamined: "action",
}

const lanesByType: ReadonlyMap<string, Lane> = new Map(Object.entries(lanes))

/** Every type name that this build knows. */
export const knownTypes: ReadonlyArray<string> = Array.from(lanesByType.keys())

/** An unknown event is an action until somebody knows better: what is not understood is not thrown away. */
export const laneOf = (event: Event): Lane => lanesByType.get(event._tag) ?? "action"

/** The name by which an event is stored and shown. */
export const typeOf = (event: Event): string => (event._tag === "Unknown" ? event.type : event._tag)

/** The fields of an event without its name. */
export const dataOf = (event: Event): { readonly [field: string]: unknown } => {
  if (event._tag === "Unknown") return event.data
  const { _tag, ...data } = event
  return data
}

/** Fields that a newer writer added to a known event stay with it. */
const decodeKnown = Schema.decodeUnknownEither(KnownEvent, { onExcessProperty: "preserve" })

/** From a stored name and its fields back to the event. A known name with fields that do not fit is damage, not a newer writer. */
export const fromTypeAndData = (
  type: string,
  data: { readonly [field: string]: unknown },
): Either.Either<Event, { readonly type: string; readonly reason: string }> =>
  lanesByType.has(type)
    ? Either.mapLeft(decodeKnown({ ...data, _tag: type }), (error) => ({ type, reason: error.message }))
    : Either.right({ _tag: "Unknown", type, data })
