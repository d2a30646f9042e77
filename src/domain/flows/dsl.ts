// A flow as people write it, read and written: the names of the documents on the outside, the definition on the inside.

import { Either } from "effect"
import type { Connection, ErrorHandler, FlowDefinition, RoutineUse } from "../events/FlowEvents.ts"

export interface Written {
  /** Null when the text names none. */
  readonly flow: string | null
  readonly definition: FlowDefinition
}

type Fields = Readonly<Record<string, unknown>>

/** What is not said of an error handler. */
const defaultRetries = 3
const defaultDelaySeconds = 1
const defaultBackoff = 2
/** Workers of a concurrent flow that does not say how many. */
const defaultWorkers = 5
const mostWorkers = 1000

export const empty: FlowDefinition = {
  routines: {},
  connections: [],
  strategy: "sequential",
  maxWorkers: 1,
  timeoutSeconds: null,
  monitored: true,
  durable: true,
}

/** Says everything that is wrong, each with its place. Whether classes, slots and events exist is not asked here. */
export const read = (value: unknown): Either.Either<Written, ReadonlyArray<string>> => {
  const issues: Array<string> = []
  const root = fieldsOf(value, "the flow", issues)
  const routines = fieldsOf(root["routines"] ?? {}, "routines", issues)
  const execution = fieldsOf(root["execution"] ?? {}, "execution", issues)
  const connections = root["connections"] ?? []
  if (!Array.isArray(connections)) issues.push("connections: a list is expected")
  const strategy =
    oneOf(execution["strategy"], ["sequential", "concurrent"], "execution.strategy", issues) ?? "sequential"
  const workers = numberOf(execution["max_workers"], "execution.max_workers", issues)
  if (workers !== null && (!Number.isInteger(workers) || workers < 1 || workers > mostWorkers)) {
    issues.push(`execution.max_workers: a whole number from 1 to ${mostWorkers} is expected`)
  }
  const definition: FlowDefinition = {
    routines: Object.fromEntries(
      Object.entries(routines).map(([id, one]) => [id, routineOf(one, `routines.${id}`, issues)]),
    ),
    connections: Array.isArray(connections) ? connections.map((one, at) => connectionOf(one, at, issues)) : [],
    strategy,
    maxWorkers: workers ?? (strategy === "concurrent" ? defaultWorkers : 1),
    timeoutSeconds: numberOf(execution["timeout"], "execution.timeout", issues),
    monitored: booleanOf(root["monitoring"], "monitoring", issues) ?? true,
    durable: booleanOf(root["durable"], "durable", issues) ?? true,
  }
  const flow = textOf(root["flow_id"], "flow_id", issues)
  return issues.length > 0 ? Either.left(issues) : Either.right({ flow, definition })
}

export const write = (flow: string, definition: FlowDefinition): Fields => ({
  flow_id: flow,
  routines: Object.fromEntries(
    Object.entries(definition.routines).map(([id, { className, config, errorHandler }]) => [
      id,
      {
        class: className,
        ...(Object.keys(config).length === 0 ? {} : { config }),
        ...(errorHandler === null ? {} : { error_handler: writtenHandler(errorHandler) }),
      },
    ]),
  ),
  connections: definition.connections.map((one) => ({
    from: `${one.sourceRoutine}.${one.sourceEvent}`,
    to: `${one.targetRoutine}.${one.targetSlot}`,
    ...(one.mapping === null ? {} : { param_mapping: one.mapping }),
  })),
  execution: {
    strategy: definition.strategy,
    timeout: definition.timeoutSeconds,
    max_workers: definition.maxWorkers,
  },
  ...(definition.monitored ? {} : { monitoring: false }),
  ...(definition.durable ? {} : { durable: false }),
})

const writtenHandler = ({ strategy, maxRetries, retryDelaySeconds, backoff }: ErrorHandler): Fields =>
  strategy === "retry"
    ? { strategy, max_retries: maxRetries, retry_delay: retryDelaySeconds, retry_backoff: backoff }
    : { strategy }

const routineOf = (value: unknown, place: string, issues: Array<string>): RoutineUse => {
  const fields = fieldsOf(value, place, issues)
  const className = textOf(fields["class"] ?? fields["class_path"], `${place}.class`, issues)
  if (className === null) issues.push(`${place}.class: a dotted class name is expected`)
  return {
    className: className ?? "",
    config: fieldsOf(fields["config"] ?? {}, `${place}.config`, issues),
    errorHandler: handlerOf(fields["error_handler"], `${place}.error_handler`, issues),
  }
}

/** Either the strategy alone, or with its numbers. */
const handlerOf = (value: unknown, place: string, issues: Array<string>): ErrorHandler | null => {
  if (value === undefined || value === null) return null
  const fields = typeof value === "string" ? { strategy: value } : fieldsOf(value, place, issues)
  const strategy = oneOf(fields["strategy"], ["stop", "continue", "retry", "skip"], `${place}.strategy`, issues)
  const retries = numberOf(fields["max_retries"], `${place}.max_retries`, issues)
  return {
    strategy: strategy ?? "stop",
    maxRetries: retries === null ? (strategy === "retry" ? defaultRetries : 0) : Math.max(0, Math.floor(retries)),
    retryDelaySeconds: Math.max(
      0,
      numberOf(fields["retry_delay"], `${place}.retry_delay`, issues) ?? defaultDelaySeconds,
    ),
    backoff: Math.max(1, numberOf(fields["retry_backoff"], `${place}.retry_backoff`, issues) ?? defaultBackoff),
  }
}

const connectionOf = (value: unknown, at: number, issues: Array<string>): Connection => {
  const place = `connections[${at}]`
  const fields = fieldsOf(value, place, issues)
  const [sourceRoutine, sourceEvent] = endOf(fields["from"], `${place}.from`, "routine.event", issues)
  const [targetRoutine, targetSlot] = endOf(fields["to"], `${place}.to`, "routine.slot", issues)
  const mapping = fields["param_mapping"] ?? null
  return {
    id: idOf(sourceRoutine, sourceEvent, targetRoutine, targetSlot),
    sourceRoutine,
    sourceEvent,
    targetRoutine,
    targetSlot,
    mapping:
      mapping === null
        ? null
        : textsOf(fieldsOf(mapping, `${place}.param_mapping`, issues), `${place}.param_mapping`, issues),
  }
}

/** The same connection has the same id, in whatever way it was made. */
export const idOf = (sourceRoutine: string, sourceEvent: string, targetRoutine: string, targetSlot: string): string =>
  `${sourceRoutine}.${sourceEvent}->${targetRoutine}.${targetSlot}`

/** The part after the last dot is the event's or slot's: a routine's id may hold dots. */
const endOf = (value: unknown, place: string, form: string, issues: Array<string>): readonly [string, string] => {
  const dot = typeof value === "string" ? value.lastIndexOf(".") : -1
  if (typeof value === "string" && dot > 0 && dot < value.length - 1) return [value.slice(0, dot), value.slice(dot + 1)]
  issues.push(`${place}: ${form} is expected`)
  return ["", ""]
}

const textsOf = (fields: Fields, place: string, issues: Array<string>): Readonly<Record<string, string>> => {
  for (const [name, text] of Object.entries(fields)) {
    if (typeof text !== "string") issues.push(`${place}.${name}: a name is expected`)
  }
  return fields as Readonly<Record<string, string>>
}

const fieldsOf = (value: unknown, place: string, issues: Array<string>): Fields => {
  const isFields = typeof value === "object" && value !== null && !Array.isArray(value)
  if (!isFields || Object.hasOwn(value, "__proto__")) {
    issues.push(`${place}: an object is expected`)
    return {}
  }
  return value as Fields
}

const textOf = (value: unknown, place: string, issues: Array<string>): string | null => {
  if (value === undefined || value === null) return null
  if (typeof value === "string" && value !== "") return value
  issues.push(`${place}: a text is expected`)
  return null
}

const numberOf = (value: unknown, place: string, issues: Array<string>): number | null => {
  if (value === undefined || value === null) return null
  if (typeof value === "number" && Number.isFinite(value)) return value
  issues.push(`${place}: a number is expected`)
  return null
}

const booleanOf = (value: unknown, place: string, issues: Array<string>): boolean | null => {
  if (value === undefined || value === null) return null
  if (typeof value === "boolean") return value
  issues.push(`${place}: true or false is expected`)
  return null
}

const oneOf = <A extends string>(
  value: unknown,
  known: ReadonlyArray<A>,
  place: string,
  issues: Array<string>,
): A | null => {
  if (value === undefined || value === null) return null
  const found = known.find((one) => one === value)
  if (found === undefined) issues.push(`${place}: one of ${known.join(", ")} is expected`)
  return found ?? null
}
