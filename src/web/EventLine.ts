// An event as /v1/events sends it, and what of it can be said in a line.

import { bytes, duration, exit } from "./format.ts"

export interface EventLine {
  readonly position: number
  readonly at: string
  readonly actor: string
  readonly command: string | null
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

/** NDJSON; a line that is no event (a torn one) is passed by. */
export const parseEvents = (text: string): ReadonlyArray<EventLine> =>
  text.split("\n").flatMap((line) => {
    const event = line === "" ? null : parsed(line)
    return event === null ? [] : [event]
  })

const parsed = (line: string): EventLine | null => {
  try {
    const event = JSON.parse(line) as EventLine
    return typeof event.position === "number" && typeof event.type === "string" ? event : null
  } catch {
    return null
  }
}

/** Kinds of events that one looks at together. */
export const families = {
  agent:
    "AgentStarted,AgentStopped,Ticked,ClockJumped,TelemetryDropped,CollectorFailed,CollectorRecovered,BackupRequested,LogBackedUp,BackupFailed,LogDamageFound",
  process:
    "ProcessBootRequested,ProcessBooted,ProcessReady,ProcessUnresponsive,ProcessBootFailed,ProcessSignalRequested,ProcessSignalled,SignalRefused,ProcessExited,ProcessRestartRequested,ProcessRestartScheduled,ProcessRestartCancelled,ProcessLimitsRequested,ProcessLimitsApplied,ProcessAdopted,ProcessFlushed",
  collective: "CollectiveStarted,CollectiveFinished,TransferStarted,TransferFinished,VerdictChanged",
  sample: "SamplesTaken",
  flow: "RoutineClassesFound,FlowDefined,FlowRemoved,RoutineAdded,RoutineRemoved,ConnectionAdded,ConnectionRemoved,MonitoringSwitched",
  job: "JobRequested,JobStarted,JobPauseRequested,JobResumeRequested,JobStepRequested,JobCancelRequested,JobPaused,JobResumed,JobStepped,VariableChangeRequested,VariableSet,BreakpointSet,BreakpointSwitched,BreakpointRemoved,BreakpointHit,BreakpointPassed,SlotCalled,EventEmitted,RoutineFinished,RoutineFailed,JobLogged,JobFinished",
  refusal: "AccessRefused,RefusalsCounted,CommandRefused,SignalRefused",
  alert: "AlertRaised,AlertCleared,AlertRuleDefined,AlertRuleRemoved",
} as const

export type Family = keyof typeof families

export const typesOf = (...names: ReadonlyArray<Family>): ReadonlyArray<string> =>
  names.flatMap((name) => families[name].split(","))

export const isFamily = (name: string): name is Family => Object.hasOwn(families, name)

type Fields = Readonly<Record<string, unknown>>

const text = (value: unknown): string => {
  if (typeof value === "string") return value
  return value === undefined ? "" : JSON.stringify(value)
}
const fields = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {})
const short = (id: unknown): string => text(id).slice(0, 8)
const known = (value: unknown): number | null => (typeof value === "number" ? value : null)
const listed = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

const operation = (data: Fields): string => {
  const ordinal = data["seq"] === null ? "" : ` #${text(data["seq"])}`
  const took =
    known(data["endTime"]) === null
      ? ""
      : `, ${((Number(data["endTime"]) - Number(data["startTime"])) / 1000).toFixed(3)} ms`
  const size = known(data["bytes"]) === null ? "" : `, ${bytes(Number(data["bytes"]))}`
  return `rank ${text(data["rank"])}: ${text(data["op"])}${ordinal} at ${text(data["filename"])}${size}${took}`
}

const words: Readonly<Record<string, (data: Fields) => string>> = {
  AgentStarted: (data) => `version ${text(data["version"])} on ${text(data["host"])}, pid ${text(data["pid"])}`,
  AgentStopped: (data) => text(data["reason"]),
  Ticked: () => "a second passed while something was in flight",
  ClockJumped: (data) => `by ${duration(Math.abs(Number(data["deltaMicros"])) / 1e6)}`,
  TelemetryDropped: (data) => `${text(data["count"])} from ${text(data["source"])}: ${text(data["reason"])}`,
  ProcessBootRequested: (data) => {
    const spec = fields(data["spec"])
    return `${text(spec["name"])}: ${listed(spec["argv"]).map(text).join(" ")}`
  },
  ProcessBooted: (data) => `${short(data["process"])} as pid ${text(fields(data["identity"])["pid"])}`,
  ProcessBootFailed: (data) => `${short(data["process"])}: ${text(data["reason"])}`,
  ProcessSignalRequested: (data) =>
    `${text(data["signal"])} to ${short(data["process"])}${data["stop"] === true ? ", to end it" : ""}`,
  ProcessSignalled: (data) => `${text(data["signal"])} to ${short(data["process"])}`,
  ProcessExited: (data) => `${short(data["process"])}: ${exit(known(data["code"]), known(data["signal"]))}`,
  SignalRefused: (data) => `${text(data["signal"])}: ${text(data["reason"])}`,
  AccessRefused: (data) =>
    `${text(data["status"])} ${text(data["method"])} ${text(data["path"])}: ${text(data["reason"])}`,
  CommandRefused: (data) => `${text(data["command"])}: ${text(data["reason"])}`,
  SamplesTaken: (data) => {
    const processes = listed(data["processes"]).length
    return `${text(data["collector"])}: ${data["host"] === null ? "" : "host, "}${processes} processes`
  },
  CollectiveStarted: operation,
  CollectiveFinished: operation,
  TransferStarted: operation,
  TransferFinished: operation,
  SlotCalled: (data) => `${short(data["job"])}: ${text(data["routine"])}.${text(data["slot"])}`,
  EventEmitted: (data) => `${short(data["job"])}: ${text(data["routine"])} emitted ${text(data["event"])}`,
  RoutineFinished: (data) => `${short(data["job"])}: ${text(data["routine"])}`,
  RoutineFailed: (data) => `${short(data["job"])}: ${text(data["routine"])}: ${text(fields(data["error"])["message"])}`,
  JobLogged: (data) => `${text(data["routine"])}: ${text(data["text"])}`,
}

/** The plain fields of an event that has no words of its own. */
const plainly = (data: Fields): string =>
  Object.entries(data)
    .filter(([, value]) => value !== null && typeof value !== "object")
    .map(([name, value]) => `${name} ${text(value)}`)
    .join(", ")

export const summaryOf = ({ type, data }: EventLine): string => {
  const said = Object.hasOwn(words, type) ? words[type] : undefined
  return said === undefined ? plainly(data) : said(data)
}
