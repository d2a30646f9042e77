// What of the agent does not do its work at a moment: a collector, an outlet, telemetry that had to be dropped, a damaged log.

import type { Event } from "../Event.ts"

export interface Fault {
  readonly sentence: string
  /** When it is over by itself, on the log's clock; null for what lasts until it is told otherwise. */
  readonly until: number | null
}

/** Nothing dropped for so long counts as over. */
const droppedMicros = 60e6

/** True when the faults have changed; they are updated in place. */
export const faultsBy = (faults: Map<string, Fault>, event: Event, clock: number): boolean => {
  switch (event._tag) {
    case "CollectorFailed":
      faults.set(`collector ${event.collector}`, lasting(`collector ${event.collector} sees nothing: ${event.reason}`))
      return true
    case "CollectorRecovered":
      return faults.delete(`collector ${event.collector}`)
    case "OutletFailed":
      faults.set(`outlet ${event.outlet}`, lasting(`outlet ${event.outlet} does not deliver: ${event.reason}`))
      return true
    case "OutletOpened":
    case "OutletClosed":
    case "OutletRecovered":
      return faults.delete(`outlet ${event.outlet}`)
    case "TelemetryDropped":
      faults.set(`telemetry of ${event.source}`, {
        sentence: `telemetry of ${event.source} was dropped: ${event.reason}`,
        until: clock + droppedMicros,
      })
      return true
    case "LogDamageFound": {
      const { from, to, reason } = event
      const advice = "'annalist verify --repair-copy NEW_DIR' saves what is whole"
      faults.set(`log ${from}`, lasting(`the log is damaged from position ${from} to ${to}: ${reason}; ${advice}`))
      return true
    }
    case "AgentStarted":
      // Whoever found it looks anew.
      return drop(faults, (name) => name.startsWith("collector ") || name.startsWith("log "))
    default:
      return faults.size > 0 && drop(faults, (_, { until }) => until !== null && until <= clock)
  }
}

const lasting = (sentence: string): Fault => ({ sentence, until: null })

const drop = (faults: Map<string, Fault>, isOver: (name: string, fault: Fault) => boolean): boolean => {
  let any = false
  for (const [name, fault] of faults) any = (isOver(name, fault) && faults.delete(name)) || any
  return any
}
