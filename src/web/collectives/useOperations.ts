// What the timeline has read of the operations, at the fineness that its window asks for.

import { useEffect, useRef, useState } from "preact/hooks"
import type { CoarseOperationsAnswer, OperationsAnswer } from "../../wire/verdict.ts"
import type { Outcome } from "../answers.ts"
import type { Desk } from "../Desk.ts"
import { question, type Question } from "../Question.ts"
import { type OperationAnswer, type Tracks, tracksOf, tracksOfSlices } from "./tracks.ts"
import { type Known, type Wanted, wantedFor, type Window } from "./windows.ts"

interface Read {
  readonly tracks: Tracks
  readonly known: Known
}

export interface Operations {
  readonly single: Read | null
  readonly sliced: Read | null
  readonly fault: string | null
  readonly isReading: boolean
}

const nothing: Operations = { single: null, sliced: null, fault: null, isReading: false }
const pageOfOperations = 10_000
const isoOf = (micros: number): string => new Date(micros / 1000).toISOString()

/** How many operations the slices count in a window, a rank at a time the most. */
const countedIn = (sliced: Read | null, single: Read | null, window: Window): number | null => {
  if (sliced === null) return single === null ? null : Number.POSITIVE_INFINITY
  if (sliced.known.from > window.from || sliced.known.to < window.to) return null
  const share = (window.to - window.from) / Math.max(1, sliced.known.to - sliced.known.from)
  return (sliced.tracks.items * share * 1.5) / Math.max(1, sliced.tracks.tracks.length)
}

/**
 * `key` names the communicator and the moment: another one is read anew. Without a window, the latest operations are read,
 * wherever in time they lie.
 */
export const useOperations = (desk: Desk, communicator: string, window: Window | null, extent: Window, key: string) => {
  const [read, setRead] = useState(nothing)
  const latest = useRef({ key, read, asked: "" })

  useEffect(() => {
    let over = false
    if (latest.current.key !== key) {
      latest.current = { key, read: nothing, asked: "" }
      setRead(nothing)
    }
    const { read: current, asked } = latest.current
    const wanted = window === null ? latestWanted(current) : nextWanted(current, window, extent)
    if (wanted === null || current.isReading || JSON.stringify(wanted) === asked) return
    const set = (next: Operations) => {
      if (over || latest.current.key !== key) return
      latest.current = { ...latest.current, read: next }
      setRead(next)
    }
    latest.current = { key, read: { ...current, isReading: true }, asked: JSON.stringify(wanted) }
    void readWanted(desk, communicator, wanted, extent.to).then((found) =>
      set({ ...current, ...found, isReading: false }),
    )
    return () => {
      over = latest.current.key !== key
    }
  }, [key, window?.from, window?.to, extent.to, read])

  return read
}

const latestWanted = ({ single }: Operations): Wanted | null =>
  single === null ? { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, slice: null } : null

const nextWanted = ({ single, sliced }: Operations, window: Window, extent: Window): Wanted | null =>
  wantedFor(window, extent, single?.known ?? null, sliced?.known ?? null, countedIn(sliced, single, window))

const readWanted = async (
  desk: Desk,
  communicator: string,
  wanted: Wanted,
  now: number,
): Promise<Partial<Operations>> => {
  const at = desk.page.wanted
  const isLatest = !Number.isFinite(wanted.from)
  // A record is written a little after what it tells of.
  const range = {
    communicator,
    from: isLatest ? null : isoOf(wanted.from),
    to: isLatest ? null : isoOf(wanted.to + 1_000_000),
  }
  if (wanted.slice !== null) {
    const asked = question<typeof CoarseOperationsAnswer.Type>("v1/ccl/operations", {
      ...range,
      resolution: (wanted.slice / 1e6).toFixed(6),
    })
    const answer = await desk.agent.ask(asked, at)
    if (answer._tag !== "Answered") return { fault: answer._tag === "Refused" ? answer.detail : answer.reason }
    const tracks = tracksOfSlices(answer.value)
    return { sliced: { tracks, known: { ...wanted, slice: wanted.slice } }, fault: null }
  }
  const operations: Array<OperationAnswer> = []
  for (let cursor: number | null = 0; cursor !== null && operations.length < 2 * pageOfOperations;) {
    const params = { ...range, limit: pageOfOperations, cursor: cursor === 0 ? null : cursor }
    const asked: Question<typeof OperationsAnswer.Type> = question("v1/ccl/operations", params)
    const answer: Outcome<typeof OperationsAnswer.Type> = await desk.agent.ask(asked, at)
    if (answer._tag !== "Answered") return { fault: answer._tag === "Refused" ? answer.detail : answer.reason }
    operations.push(...answer.value.operations)
    cursor = answer.value.next
  }
  const tracks = tracksOf(operations, now)
  const reached = isLatest ? { from: tracks.from, to: now } : { from: wanted.from, to: wanted.to }
  return { single: { tracks, known: { ...reached, slice: 0 } }, fault: null }
}
