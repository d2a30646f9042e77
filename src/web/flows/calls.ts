// The calls of a job, read from its trace.

import type { TraceEntry } from "./questions.ts"

interface Call {
  readonly call: number
  readonly routine: string
  readonly slot: string
  readonly start: number
  readonly position: number
  end: number | null
  status: string
  readonly emissions: Array<{ readonly at: number; readonly event: string }>
}

const timeOf = (entry: TraceEntry): number => Date.parse(entry.timestamp ?? "") * 1000

/** The calls that the trace tells of, in the order in which they began. */
export const callsOf = (entries: ReadonlyArray<TraceEntry>): ReadonlyArray<Call> => {
  const calls = new Map<number, Call>()
  for (const entry of entries) {
    const known = calls.get(entry.call)
    if (entry.event_type === "routine_start" || known === undefined) {
      if (known !== undefined && known.end === null) continue
      calls.set(entry.call, begun(entry, known))
    } else if (entry.event_type === "slot_call") {
      calls.set(entry.call, { ...known, slot: String(entry.data["slot"]) })
    } else if (entry.event_type === "event_emit") {
      known.emissions.push({ at: timeOf(entry), event: String(entry.data["event"]) })
    } else {
      known.end = timeOf(entry)
      known.status = entry.status
    }
  }
  return [...calls.values()].sort((one, other) => one.start - other.start || one.call - other.call)
}

/** A call whose beginning is not in the trace began as long before as its end says that it took. */
const begun = (entry: TraceEntry, before: Call | undefined): Call => {
  const at = timeOf(entry)
  const isEnd = entry.event_type === "routine_end"
  return {
    call: entry.call,
    routine: entry.routine_id,
    slot: before?.slot ?? "",
    start: before?.start ?? (isEnd ? at - (entry.duration ?? 0) * 1e6 : at),
    position: before?.position ?? entry.position,
    end: isEnd ? at : null,
    status: entry.status,
    emissions: before?.emissions ?? [],
  }
}
