// The events from before a slice without which the slice cannot be understood. They come with it at their true positions.

import type { ProcessId } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import type { CollectiveEvent } from "../domain/events/CollectiveEvents.ts"

/** What a slice that begins right after the last event seen would carry. */
export interface Carried {
  started: Envelope | null
  /** Of every process that may still be living: the request and what became of it. */
  readonly boots: Map<ProcessId, ReadonlyArray<Envelope>>
  /** Collectives and transfers that are under way: one of each kind a rank and communicator, the latest. */
  readonly open: Map<string, Envelope>
  /** The last look that told of every process of the host, and the changes since. */
  looks: Array<Envelope>
  /** The latest word on every alert rule, and the alerts that stand. */
  readonly alerts: Map<string, Envelope>
}

export const initial = (): Carried => ({
  started: null,
  boots: new Map(),
  open: new Map(),
  looks: [],
  alerts: new Map(),
})

/** The state handed in is consumed. */
export const evolve = (carried: Carried, envelope: Envelope): Carried => {
  const { event } = envelope
  switch (event._tag) {
    case "AgentStarted":
      carried.started = envelope
      carried.looks = []
      break
    case "CollectiveStarted":
    case "TransferStarted":
      carried.open.set(openKey(event), envelope)
      break
    case "CollectiveFinished":
    case "TransferFinished":
      carried.open.delete(openKey(event))
      break
    case "ProcessesSampled":
      if (event.whole) carried.looks = [envelope]
      else carried.looks.push(envelope)
      break
    case "ProcessBootRequested":
      carried.boots.set(event.process, [envelope])
      break
    case "ProcessBooted":
    case "ProcessAdopted": {
      // The request, and the latest word on the identity.
      const [request] = carried.boots.get(event.process) ?? []
      carried.boots.set(event.process, request === undefined ? [envelope] : [request, envelope])
      break
    }
    case "ProcessBootFailed":
    case "ProcessExited":
      carried.boots.delete(event.process)
      break
    case "AlertRuleDefined":
      carried.alerts.set(`rule ${event.rule.name}`, envelope)
      break
    case "AlertRuleRemoved":
      carried.alerts.set(`rule ${event.name}`, envelope)
      break
    case "AlertRaised":
      carried.alerts.set(`alert ${envelope.position}`, envelope)
      break
    case "AlertCleared":
      carried.alerts.delete(`alert ${event.alert}`)
      break
    default:
      break
  }
  return carried
}

const openKey = ({ reporter, communicator, rank, op }: CollectiveEvent): string =>
  `${reporter.key} ${reporter.pid} ${communicator} ${rank} ${op}`

/** In order of position. */
export const eventsOf = (carried: Carried): ReadonlyArray<Envelope> =>
  [
    ...(carried.started === null ? [] : [carried.started]),
    ...Array.from(carried.boots.values()).flat(),
    ...carried.open.values(),
    ...carried.looks,
    ...carried.alerts.values(),
  ].sort((left, right) => left.position - right.position)

/** The whole of it for a list of events, as tests and small sessions have it. */
export const carriedFor = (before: Iterable<Envelope>): ReadonlyArray<Envelope> => {
  let carried = initial()
  for (const envelope of before) carried = evolve(carried, envelope)
  return eventsOf(carried)
}
