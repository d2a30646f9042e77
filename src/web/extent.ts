// The extent of a log in time, and how places on the time bar and moments answer to each other.

import type { StateAnswer } from "../wire/state.ts"
import type { VerdictAnswer } from "../wire/verdict.ts"
import type { Mark, MarkTone } from "./marks.ts"

export interface Extent {
  readonly firstPosition: number
  readonly firstMillis: number
  readonly headMillis: number
}

/** Null when the log is empty: there is no time to choose from. */
export const extentOf = (state: StateAnswer | null): Extent | null => {
  if (state === null || state.first.at === null || state.head.at === null) return null
  const firstMillis = Date.parse(state.first.at)
  const headMillis = Date.parse(state.head.at)
  return Number.isNaN(firstMillis) || Number.isNaN(headMillis)
    ? null
    : { firstPosition: state.first.position, firstMillis, headMillis: Math.max(firstMillis, headMillis) }
}

const lengthOf = (extent: Extent): number => extent.headMillis - extent.firstMillis

const clamp = (extent: Extent, millis: number): number =>
  Math.min(extent.headMillis, Math.max(extent.firstMillis, millis))

/** 0 at the beginning, 1 at the head. A log of one instant has all of it at its head. */
export const fractionOf = (extent: Extent, millis: number): number => {
  const length = lengthOf(extent)
  return length === 0 ? 1 : (clamp(extent, millis) - extent.firstMillis) / length
}

/**
 * The moment that a place on the bar stands for: the far end is the head itself, and so null, "now"; the near end is the
 * first event itself, for a time in whole milliseconds would lie a little before it.
 */
export const momentAt = (extent: Extent, millis: number): string | null => {
  if (millis >= extent.headMillis) return null
  return millis <= extent.firstMillis ? String(extent.firstPosition) : new Date(millis).toISOString()
}

const fineMillis = 1_000
const coarseMillis = 10_000
const pagesOfBar = 20

/** Where a key on the bar leads to; null when the key means nothing here. */
export const stepped = (extent: Extent, millis: number, key: string, coarse: boolean): number | null => {
  const fine = coarse ? coarseMillis : fineMillis
  const page = Math.max(fineMillis, lengthOf(extent) / pagesOfBar)
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return clamp(extent, millis - fine)
    case "ArrowRight":
    case "ArrowUp":
      return clamp(extent, millis + fine)
    case "PageDown":
      return clamp(extent, millis - page)
    case "PageUp":
      return clamp(extent, millis + page)
    case "Home":
      return extent.firstMillis
    case "End":
      return extent.headMillis
    default:
      return null
  }
}

export interface Tick {
  readonly fraction: number
  readonly tone: MarkTone
  readonly count: number
}

const slots = 240
const loudest: Readonly<Record<MarkTone, number>> = { start: 0, end: 1, break: 2, alert: 3, bad: 4 }

/** Marks gathered into as many slots as the eye can tell apart; a slot takes the tone of its worst. */
export const ticksOf = (extent: Extent, marks: ReadonlyArray<Mark>): ReadonlyArray<Tick> => {
  const bySlot = new Map<number, Tick>()
  for (const mark of marks) {
    if (mark.millis < extent.firstMillis || mark.millis > extent.headMillis) continue
    const slot = Math.round(fractionOf(extent, mark.millis) * slots)
    const held = bySlot.get(slot)
    bySlot.set(slot, {
      fraction: slot / slots,
      tone: held !== undefined && loudest[held.tone] > loudest[mark.tone] ? held.tone : mark.tone,
      count: (held?.count ?? 0) + 1,
    })
  }
  return [...bySlot.values()]
}

export interface Trouble {
  /** Where somebody began to wait. */
  readonly from: number
  /** Where the wait had lasted long enough to be called trouble; before it, the verdict was still healthy. */
  readonly sure: number
  readonly to: number
}

/** How long the trouble of the verdict lasts by now, as a stretch of the bar; null when there is none. */
export const troubleOf = (
  extent: Extent,
  verdict: VerdictAnswer,
  judgedMillis: number,
  hangLimitMillis: number,
): Trouble | null => {
  if (verdict.age_seconds === null || verdict.verdict === "healthy" || verdict.verdict === "cannot_tell") return null
  const from = judgedMillis - verdict.age_seconds * 1000
  return {
    from: fractionOf(extent, from),
    sure: fractionOf(extent, Math.min(judgedMillis, from + hangLimitMillis)),
    to: fractionOf(extent, judgedMillis),
  }
}

export interface Label {
  readonly fraction: number
  readonly millis: number
}

const labelSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800,
  2_592_000,
]

/** Round times to write under the bar, not closer to its ends or each other than `least` of its length. */
export const labelsOf = (extent: Extent, least: number): ReadonlyArray<Label> => {
  const length = lengthOf(extent)
  const step = 1000 * (labelSteps.find((seconds) => seconds * 1000 >= length * least) ?? Number.POSITIVE_INFINITY)
  const labels: Array<Label> = []
  for (let millis = Math.ceil(extent.firstMillis / step) * step; millis < extent.headMillis; millis += step) {
    const fraction = fractionOf(extent, millis)
    if (fraction >= least * 0.75 && fraction <= 1 - least * 0.75) labels.push({ fraction, millis })
  }
  return labels
}
