// What is wrong with a flow's definition, as sentences; what a definition is refused for, and what is only pointed out.

import type { Connection, FlowDefinition, RoutineClass } from "../events/FlowEvents.ts"

type Classes = ReadonlyMap<string, RoutineClass>

/** A class that lists this event emits any. */
const anyEvent = "*"

const maxRoutines = 1000
const maxConnections = 10_000

const emits = (one: RoutineClass, event: string): boolean => one.events.includes(event) || one.events.includes(anyEvent)

/** Reasons to refuse: it could not run as it is written. */
export const faults = (definition: FlowDefinition, classes: Classes): ReadonlyArray<string> => {
  const routines = Object.entries(definition.routines)
  if (routines.length > maxRoutines) return [`more than ${maxRoutines} routines`]
  if (definition.connections.length > maxConnections) return [`more than ${maxConnections} connections`]
  return [
    ...(definition.maxWorkers < 1 ? ["max_workers is at least 1"] : []),
    ...(definition.timeoutSeconds !== null && !(definition.timeoutSeconds > 0) ? ["timeout is more than 0"] : []),
    ...routines.flatMap(([id, { className }]) =>
      classes.has(className) ? [] : [`Routine '${id}': unknown class '${className}'`],
    ),
    ...definition.connections.flatMap((connection) => faultsOfConnection(definition, classes, connection)),
  ]
}

export const faultsOfConnection = (
  { routines }: FlowDefinition,
  classes: Classes,
  connection: Connection,
): ReadonlyArray<string> => {
  const said = `${connection.sourceRoutine}.${connection.sourceEvent} → ${connection.targetRoutine}.${connection.targetSlot}`
  const classNamed = (routine: string) => {
    const use = Object.hasOwn(routines, routine) ? routines[routine] : undefined
    return use === undefined ? undefined : classes.get(use.className)
  }
  const missing = [connection.sourceRoutine, connection.targetRoutine].filter((id) => !Object.hasOwn(routines, id))
  if (missing.length > 0) return missing.map((id) => `Connection ${said}: no routine '${id}'`)
  const source = classNamed(connection.sourceRoutine)
  const target = classNamed(connection.targetRoutine)
  return [
    ...(source !== undefined && !emits(source, connection.sourceEvent)
      ? [`Connection ${said}: '${connection.sourceRoutine}' has no event '${connection.sourceEvent}'`]
      : []),
    ...(target !== undefined && !Object.hasOwn(target.slots, connection.targetSlot)
      ? [`Connection ${said}: '${connection.targetRoutine}' has no slot '${connection.targetSlot}'`]
      : []),
  ]
}

/** All there is to say: faults, circles, routines that nothing reaches. */
export const issues = (definition: FlowDefinition, classes: Classes): ReadonlyArray<string> => [
  ...(Object.keys(definition.routines).length === 0 ? ["The flow has no routines"] : []),
  ...faults(definition, classes),
  ...circles(definition).map((circle) => `Circle: ${circle.join(" → ")}`),
  ...unreached(definition).map((id) => `Routine '${id}' is connected to nothing`),
]

/** One circle for each routine at which a walk meets its own path. */
const circles = ({ routines, connections }: FlowDefinition): ReadonlyArray<ReadonlyArray<string>> => {
  const next = new Map<string, Set<string>>()
  for (const { sourceRoutine, targetRoutine } of connections) {
    const known = next.get(sourceRoutine) ?? new Set()
    next.set(sourceRoutine, known.add(targetRoutine))
  }
  const done = new Set<string>()
  const found: Array<ReadonlyArray<string>> = []
  for (const start of Object.keys(routines)) {
    const path: Array<string> = []
    const open: Array<Iterator<string>> = []
    const enter = (id: string) => {
      path.push(id)
      open.push((next.get(id) ?? new Set<string>()).values())
    }
    if (!done.has(start)) enter(start)
    for (let walk = open.at(-1); walk !== undefined; walk = open.at(-1)) {
      const step = walk.next()
      if (step.done === true) {
        done.add(path.pop() ?? "")
        open.pop()
      } else if (path.includes(step.value)) found.push([...path.slice(path.indexOf(step.value)), step.value])
      else if (!done.has(step.value)) enter(step.value)
    }
  }
  return found
}

const unreached = ({ routines, connections }: FlowDefinition): ReadonlyArray<string> => {
  const ids = Object.keys(routines)
  if (ids.length < 2) return []
  const touched = new Set(connections.flatMap(({ sourceRoutine, targetRoutine }) => [sourceRoutine, targetRoutine]))
  return ids.filter((id) => !touched.has(id))
}
