// Draws the timeline: a lane a rank, each item's wait and transfer in their colours, arrows from the last to come.

import type { OperationAnswer, Tracks } from "./tracks.ts"
import { visibleIn } from "./tracks.ts"
import { lengthOf, type Window } from "./windows.ts"

export interface Colours {
  readonly wait: string
  readonly move: string
  readonly line: string
  readonly ink: string
  readonly faint: string
  readonly sheet: string
  readonly bad: string
}

export interface Scene {
  readonly tracks: Tracks
  readonly window: Window
  readonly width: number
  readonly lane: number
  readonly colours: Colours
  /** Index of the operation that is looked at; -1 for none. */
  readonly chosen: number
  /** Ranks that are waited for. */
  readonly missing: ReadonlySet<number>
}

/** Below so many pixels a lane, gaps between lanes cost more than they tell. */
const gapOf = (lane: number): number => (lane >= 10 ? 3 : lane >= 5 ? 1 : 0)

export const draw = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const { tracks, width, lane, colours } = scene
  context.fillStyle = colours.sheet
  context.fillRect(0, 0, width, tracks.tracks.length * lane)
  tracks.tracks.forEach((track, row) => {
    context.fillStyle = colours.line
    context.fillRect(0, (row + 1) * lane - 1, width, lane >= 5 ? 1 : 0)
    drawTrack(context, scene, row)
    if (scene.missing.has(track.rank)) drawMissing(context, scene, row)
  })
  drawArrows(context, scene)
}

const drawTrack = (context: CanvasRenderingContext2D, scene: Scene, row: number): void => {
  const { tracks, window, width, lane, colours } = scene
  const track = tracks.tracks[row]
  if (track === undefined) return
  const scale = width / lengthOf(window)
  const { level, isSingle, first, last } = visibleIn(track, window.from, window.to, width)
  const single = isSingle && tracks.slice === 0
  const top = row * lane + gapOf(lane) / 2
  const high = lane - gapOf(lane)
  const waits: Array<number> = []
  context.fillStyle = colours.move
  for (let item = first; item < last; item++) {
    const [start, end] = [level.start[item] ?? 0, level.end[item] ?? 0]
    const [busy, wait] = [level.busy[item] ?? 0, level.wait[item] ?? 0]
    const left = Math.max(-2, (start - window.from) * scale)
    const right = Math.min(width + 2, Math.max(left + 1, (end - window.from) * scale))
    if (single) {
      // First the wait, then the transfer: nobody moves anything before the last has come.
      const turn = Math.min(right, Math.max(left, (start + wait - window.from) * scale))
      if (wait > 0) waits.push(left, top, turn - left, high)
      if (busy > wait) context.fillRect(turn, top, Math.max(turn === left ? 1 : 0, right - turn), high)
    } else {
      const full = Math.max(end - start, 1)
      const busyHigh = Math.max(1, high * Math.min(1, busy / full))
      const waitHigh = high * Math.min(1, wait / full)
      context.fillRect(left, top + high - busyHigh, right - left, busyHigh)
      if (waitHigh > 0.3) waits.push(left, top + high - waitHigh, right - left, waitHigh)
    }
  }
  context.fillStyle = colours.wait
  for (let at = 0; at < waits.length; at += 4) {
    context.fillRect(waits[at] ?? 0, waits[at + 1] ?? 0, waits[at + 2] ?? 0, waits[at + 3] ?? 0)
  }
}

/** A rank that did not come leaves nothing to draw: the gap itself is framed. */
const drawMissing = (context: CanvasRenderingContext2D, scene: Scene, row: number): void => {
  const { tracks, window, width, lane, colours } = scene
  const level = tracks.tracks[row]?.levels[0]
  const since = level?.end[level.end.length - 1] ?? window.from
  const left = Math.max(0, ((since - window.from) * width) / lengthOf(window))
  const right = Math.min(width, ((tracks.to - window.from) * width) / lengthOf(window))
  if (right <= left) return
  context.strokeStyle = colours.bad
  context.setLineDash([4, 3])
  context.strokeRect(left + 0.5, row * lane + 1.5, right - left - 1, Math.max(2, lane - 4))
  context.setLineDash([])
}

const mostArrows = 40

const drawArrows = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const { tracks, window, lane, chosen } = scene
  if (lane < 8 || tracks.slice > 0) return
  const chosenOne = tracks.operations[chosen]
  const inWindow = tracks.operations.filter(
    (one) => (one.start_micros ?? 0) < window.to && (one.end_micros ?? tracks.to) > window.from,
  )
  const shown = inWindow.length <= mostArrows ? inWindow : chosenOne === undefined ? [] : [chosenOne]
  for (const one of shown) drawArrow(context, scene, one, one === chosenOne)
  if (chosenOne !== undefined) outline(context, scene, chosenOne)
}

const placeOf = (scene: Scene, one: OperationAnswer, part: number) => {
  const { tracks, window, width, lane } = scene
  const row = tracks.tracks.findIndex(({ rank }) => rank === one.ranks[part])
  const scale = width / lengthOf(window)
  const start = one.starts_micros[part] ?? 0
  const end = one.ends_micros[part] ?? tracks.to
  return {
    row,
    left: (start - window.from) * scale,
    turn: (start + (one.waits_micros[part] ?? 0) - window.from) * scale,
    right: (end - window.from) * scale,
    middle: (row + 0.5) * lane,
  }
}

/** From where the last one came to where the others' wait ended by it. */
const drawArrow = (context: CanvasRenderingContext2D, scene: Scene, one: OperationAnswer, isChosen: boolean): void => {
  const last = one.last_rank === null ? -1 : one.ranks.indexOf(one.last_rank)
  if (last < 0) return
  const from = placeOf(scene, one, last)
  context.strokeStyle = context.fillStyle = isChosen ? scene.colours.ink : scene.colours.faint
  context.lineWidth = isChosen ? 1.5 : 0.75
  for (let part = 0; part < one.ranks.length; part++) {
    const to = placeOf(scene, one, part)
    if (part === last || (one.waits_micros[part] ?? 0) <= 0 || to.turn - to.left < 3) continue
    context.beginPath()
    context.moveTo(from.left, from.middle)
    context.lineTo(to.turn, to.middle)
    context.stroke()
    context.beginPath()
    context.arc(to.turn, to.middle, 2.2, 0, 2 * Math.PI)
    context.fill()
  }
  context.lineWidth = 1
}

const outline = (context: CanvasRenderingContext2D, scene: Scene, one: OperationAnswer): void => {
  context.strokeStyle = scene.colours.ink
  context.lineWidth = 1.5
  for (let part = 0; part < one.ranks.length; part++) {
    const { row, left, right } = placeOf(scene, one, part)
    context.strokeRect(left, row * scene.lane + 1, Math.max(2, right - left), scene.lane - 2)
  }
  context.lineWidth = 1
}
