// How long the things of one session took, by group; of many durations a bounded, even share is kept.

import type { Envelope } from "../../domain/Envelope.ts"

export interface Durations {
  readonly take: (envelope: Envelope) => void
  /** Microseconds, by the group's name. */
  readonly groups: () => ReadonlyMap<string, ReadonlyArray<number>>
}

interface Kept {
  values: Array<number>
  /** Every so-manieth is kept. */
  step: number
  seen: number
}

const most = 4096

const keep = (kept: Kept, value: number): void => {
  if (kept.seen++ % kept.step !== 0) return
  kept.values.push(value)
  if (kept.values.length < most) return
  kept.values = kept.values.filter((_, index) => index % 2 === 0)
  kept.step *= 2
}

export const make = (): Durations => {
  const groups = new Map<string, Kept>()
  const names = new Map<string, string>()
  const begun = new Map<string, number>()
  const add = (group: string, micros: number) => {
    const kept = groups.get(group)
    if (kept !== undefined) keep(kept, micros)
    else groups.set(group, { values: [micros], step: 1, seen: 1 })
  }
  return {
    take: ({ at, event }) => {
      switch (event._tag) {
        case "CollectiveFinished":
        case "TransferFinished": {
          const { startTime, endTime, op, filename } = event
          if (startTime === null || endTime === null) return
          return add(`operation ${op}${filename === null ? "" : ` of ${filename}`}`, endTime - startTime)
        }
        case "RoutineFinished":
          if (event.durationMicros !== null) add(`routine ${event.routine}`, event.durationMicros)
          return
        case "ProcessBootRequested":
          names.set(event.process, event.spec.name)
          return
        case "ProcessBooted":
          begun.set(event.process, at)
          return
        case "ProcessExited": {
          const from = begun.get(event.process)
          begun.delete(event.process)
          if (from !== undefined) add(`process ${names.get(event.process) ?? event.process}`, at - from)
          return
        }
        default:
      }
    },
    groups: () => new Map(Array.from(groups, ([name, { values }]) => [name, values])),
  }
}
