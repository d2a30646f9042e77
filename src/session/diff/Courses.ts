// The courses of one session, a few bytes a step: enough to find where two sessions part, not to say how.

import type { Envelope } from "../../domain/Envelope.ts"
import * as PlainEvents from "./plainEvent.ts"

export interface Course {
  /** A hash of what happened, for every step. */
  readonly steps: Array<number>
  readonly positions: Array<number>
}

export interface Courses {
  readonly take: (envelope: Envelope) => void
  readonly byName: ReadonlyMap<string, Course>
}

export const make = (): Courses => {
  const plain = PlainEvents.make()
  const byName = new Map<string, Course>()
  return {
    byName,
    take: ({ position, event }) => {
      const step = plain(event)
      if (step === null) return
      const course = byName.get(step.course) ?? { steps: [], positions: [] }
      course.steps.push(hashOf(step.text))
      course.positions.push(position)
      byName.set(step.course, course)
    },
  }
}

/** 53 bits of two multiplicative hashes: no two of a million steps are likely to share one. */
const hashOf = (text: string): number => {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  return (high >>> 0) * 0x200000 + ((low >>> 0) & 0x1fffff)
}

export interface Divergence {
  readonly course: string
  /** null where that session has no further step in this course. */
  readonly before: number | null
  readonly after: number | null
}

/** The earliest, by the position in the first session; what only the second has comes after all others. */
export const firstDivergence = (before: Courses, after: Courses): Divergence | null => {
  const found: Array<Divergence> = []
  for (const name of new Set([...before.byName.keys(), ...after.byName.keys()])) {
    const left = before.byName.get(name) ?? none
    const right = after.byName.get(name) ?? none
    const most = Math.max(left.steps.length, right.steps.length)
    for (let index = 0; index < most; index++) {
      if (left.steps[index] === right.steps[index]) continue
      found.push({ course: name, before: left.positions[index] ?? null, after: right.positions[index] ?? null })
      break
    }
  }
  found.sort(
    (one, other) => (one.before ?? Infinity) - (other.before ?? Infinity) || (one.after ?? 0) - (other.after ?? 0),
  )
  return found[0] ?? null
}

const none: Course = { steps: [], positions: [] }
