// The events that the log view holds: read back on demand, and on as the log grows.

import { useEffect, useRef, useState } from "preact/hooks"
import type { Desk } from "../Desk.ts"
import type { EventLine } from "../EventLine.ts"
import { type Filter, readBack, readOn } from "./reading.ts"

export interface Events {
  readonly rows: ReadonlyArray<EventLine>
  /** Looked at from here up to `through`. */
  readonly from: number
  readonly through: number
  /** Positions after which some were passed over, because too many came at once. */
  readonly gaps: ReadonlyMap<number, number>
  readonly isReading: boolean
  readonly fault: string | null
}

const nothing: Events = { rows: [], from: 0, through: 0, gaps: new Map(), isReading: true, fault: null }
const firstRows = 120
const moreRows = 400
const mostRows = 4_000

export const useEvents = (desk: Desk, filter: Filter, follow: boolean) => {
  const [events, setEvents] = useState(nothing)
  const latest = useRef(events)
  const busy = useRef(false)
  const set = (next: Events) => {
    latest.current = next
    setEvents(next)
  }
  const { page, agent } = desk
  const end = page.picture?.state.position ?? 0
  const key = JSON.stringify([page.log?.log_id, page.wanted === null ? "live" : end, filter])

  useEffect(() => {
    let over = false
    busy.current = true
    set(nothing)
    void readBack(agent, filter, end, firstRows, () => over).then((found) => {
      if (over) return
      busy.current = false
      set({ ...found, through: end, gaps: new Map(), isReading: false })
    })
    return () => {
      over = true
    }
  }, [key])

  useEffect(() => {
    const { through, isReading } = latest.current
    if (!follow || page.wanted !== null || isReading || busy.current || end <= through) return
    busy.current = true
    void readOn(agent, filter, through, end).then((found) => {
      busy.current = false
      const { current } = latest
      if (found.fault !== null || current.isReading) return
      const passed = found.from - through - 1
      const gaps = passed > 0 ? new Map(current.gaps).set(through, passed) : current.gaps
      set({ ...current, rows: [...found.rows, ...current.rows].slice(0, mostRows), through: end, gaps })
    })
  }, [end, follow, events.isReading])

  const more = () => {
    if (busy.current) return
    busy.current = true
    const { from } = latest.current
    set({ ...latest.current, isReading: true })
    void readBack(agent, filter, from - 1, moreRows, () => false).then((found) => {
      busy.current = false
      const { current } = latest
      set({
        ...current,
        rows: [...current.rows, ...found.rows],
        from: found.from,
        isReading: false,
        fault: found.fault,
      })
    })
  }
  return { events, more }
}
