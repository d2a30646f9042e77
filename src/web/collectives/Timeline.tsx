// The timeline: a lane a rank, from hours down to microseconds; what one points at is told, what one chooses is explained.

import "../styles/timeline.css"
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks"
import type { Desk } from "../Desk.ts"
import { type Colours, draw } from "./drawTracks.ts"
import { OperationFacts } from "./OperationFacts.tsx"
import { timeLabels, micros as said } from "./scale.ts"
import { keyed, useWheel } from "./timelineInput.ts"
import { TimelineControls } from "./TimelineControls.tsx"
import { itemAt, type Tracks } from "./tracks.ts"
import { useOperations } from "./useOperations.ts"
import { lengthOf, moved, type Window, zoomed } from "./windows.ts"

interface Props {
  readonly desk: Desk
  readonly communicator: string
  /** Ranks that are waited for at the shown moment. */
  readonly missing: ReadonlySet<number>
}

/** Live, the end of the picture moves so often. */
const stepMicros = 5_000_000

const extentOf = (desk: Desk): Window => {
  const { log, picture, wanted } = desk.page
  const from = Date.parse(log?.first.at ?? "") * 1000
  const at = Date.parse(picture?.state.at ?? "") * 1000
  return { from, to: wanted === null && log?.read_only === false ? Math.floor(at / stepMicros) * stepMicros : at }
}

export const Timeline = ({ desk, communicator, missing }: Props) => {
  const extent = extentOf(desk)
  const key = `${communicator} ${desk.page.wanted ?? "live"}`
  const [chosenWindow, setWindow] = useState<{ readonly key: string; readonly window: Window } | null>(null)
  const window = chosenWindow?.key === key ? chosenWindow.window : null
  const read = useOperations(desk, communicator, window, extent, key)
  const whole = read.single === null ? null : fitted(read.single.tracks)
  const shown = window ?? whole
  const tracks = shown === null ? null : bestOf(read, shown)
  const [chosen, setChosen] = useState<{ readonly ordinal: number | null; readonly position: number } | null>(null)
  const index =
    tracks === null || chosen === null
      ? -1
      : tracks.operations.findIndex((one) => one.first_position === chosen.position)
  if (shown === null || tracks === null)
    return <p class={read.fault === null ? "loading" : "hint"}>{read.fault ?? "Loading …"}</p>
  if (tracks.tracks.length === 0 && window === null)
    return <p class="hint">No operation of this group is in the latest 20,000 events.</p>
  const go = (next: Window) => setWindow({ key, window: next })
  const choose = (operation: number) => {
    const one = tracks.operations[operation]
    setChosen(one === undefined ? null : { ordinal: one.ordinal, position: one.first_position })
  }
  return (
    <>
      <Lanes
        tracks={tracks}
        window={shown}
        extent={{ from: Math.min(extent.from, tracks.from), to: Math.max(extent.to, tracks.to) }}
        missing={missing}
        chosen={index}
        go={go}
        choose={choose}
      />
      <TimelineControls
        window={shown}
        extent={extent}
        whole={whole}
        go={go}
        tracks={tracks}
        isReading={read.isReading}
      />
      {read.fault !== null && <p class="hint">Not readable: {read.fault}</p>}
      <OperationFacts desk={desk} tracks={tracks} window={shown} chosen={index} choose={choose} />
    </>
  )
}

const fitted = ({ from, to }: Tracks): Window => {
  const pad = Math.max(50, (to - from) * 0.01)
  return { from: from - pad, to: to + pad }
}

/** Single operations where they reach, else slices. */
const bestOf = ({ single, sliced }: ReturnType<typeof useOperations>, window: Window): Tracks | null => {
  const slack = lengthOf(window) * 0.15
  const reaches = single !== null && single.known.from <= window.from + slack && single.known.to >= window.to - slack
  return reaches || sliced === null ? (single?.tracks ?? null) : sliced.tracks
}

const names = ["wait", "move", "line", "ink", "faint", "sheet", "bad"] as const
const coloursOf = (element: Element): Colours => {
  const style = getComputedStyle(element)
  return Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  ) as unknown as Colours
}

interface LanesProps {
  readonly tracks: Tracks
  readonly window: Window
  readonly extent: Window
  readonly missing: ReadonlySet<number>
  readonly chosen: number
  readonly go: (window: Window) => void
  readonly choose: (operation: number) => void
}

const laneOf = (ranks: number): number => Math.max(2, Math.min(26, Math.floor(520 / Math.max(1, ranks))))

const Lanes = (props: LanesProps) => {
  const { tracks, window, extent, go, choose } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const [width, setWidth] = useState(0)
  const [pointed, setPointed] = useState<{ readonly x: number; readonly y: number } | null>(null)
  const dragged = useRef<{ readonly x: number; readonly window: Window; moved: boolean } | null>(null)
  const lane = laneOf(tracks.tracks.length)
  const high = lane * tracks.tracks.length

  useLayoutEffect(() => {
    const element = canvas.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  useLayoutEffect(() => {
    const element = canvas.current
    const context = element?.getContext("2d", { alpha: false })
    if (element === null || context === null || context === undefined || width === 0) return
    const ratio = devicePixelRatio
    if (element.width !== width * ratio || element.height !== high * ratio) {
      element.width = width * ratio
      element.height = high * ratio
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    draw(context, { ...props, width, lane, colours: coloursOf(element) })
  })

  useWheel(canvas, width, (factor, at, pan) =>
    go(pan === 0 ? zoomed(window, extent, factor, at) : moved(window, extent, (pan / width) * lengthOf(window))),
  )

  const microsAt = (x: number) => window.from + (x / Math.max(1, width)) * lengthOf(window)
  const operationAt = (x: number, y: number): number => {
    const track = tracks.tracks[Math.floor(y / lane)]
    const item = track === undefined ? null : itemAt(track, microsAt(x), (3 * lengthOf(window)) / Math.max(1, width))
    return item === null ? -1 : (track?.operation[item] ?? -1)
  }
  const onPointerDown = (event: PointerEvent & { readonly currentTarget: HTMLCanvasElement }) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    dragged.current = { x: event.offsetX, window, moved: false }
  }
  const onPointerMove = (event: PointerEvent) => {
    setPointed({ x: event.offsetX, y: event.offsetY })
    const drag = dragged.current
    if (drag === null || Math.abs(event.offsetX - drag.x) < 3) return
    drag.moved = true
    go(moved(drag.window, extent, ((drag.x - event.offsetX) / Math.max(1, width)) * lengthOf(drag.window)))
  }
  const onPointerUp = (event: PointerEvent) => {
    if (dragged.current?.moved === false) choose(operationAt(event.offsetX, event.offsetY))
    dragged.current = null
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const next = keyed(event, window, extent)
    if (next === null) return
    event.preventDefault()
    event.stopPropagation()
    go(next)
  }
  const under = pointed === null ? undefined : tracks.operations[operationAt(pointed.x, pointed.y)]
  return (
    <div class="timeline">
      <div class="timeline-ranks" aria-hidden="true" style={{ height: `${high}px` }}>
        {tracks.tracks.map(({ rank }, row) =>
          lane >= 12 || row % Math.ceil(14 / lane) === 0 ? (
            <span key={rank} style={{ top: `${row * lane}px`, lineHeight: `${Math.max(12, lane)}px` }}>
              {rank}
            </span>
          ) : null,
        )}
      </div>
      <div class="timeline-lanes">
        <canvas
          ref={canvas}
          style={{ height: `${high}px` }}
          tabIndex={0}
          role="img"
          aria-label={`Timeline of ${tracks.tracks.length} ranks, ${said(lengthOf(window))} long. Arrows move it, plus and minus zoom; the table below tells the operations that waited longest.`}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerLeave={() => setPointed(null)}
          onKeyDown={onKeyDown}
        />
        {pointed !== null && under !== undefined && dragged.current?.moved !== true && (
          <p
            class="timeline-tip"
            style={{ left: `${Math.min(pointed.x + 12, width - 230)}px`, top: `${pointed.y + 14}px` }}
          >
            <b>
              {under.op}
              {under.ordinal !== null && ` #${under.ordinal}`}
            </b>{" "}
            {under.filename}
            <br />
            {under.remote_rank === null
              ? `last: rank ${under.last_rank ?? "–"}, skew ${said(under.skew_micros)}`
              : `with rank ${under.remote_rank}`}
            , transfer {said(under.transfer_micros)}
          </p>
        )}
        <Scale window={window} />
      </div>
    </div>
  )
}

const Scale = ({ window }: { readonly window: Window }) => {
  const labels = useMemo(() => timeLabels(window), [window.from, window.to])
  return (
    <div class="timeline-scale" aria-hidden="true">
      {labels.map(({ fraction, text }) => (
        <span key={text} style={{ left: `${fraction * 100}%` }}>
          {text}
        </span>
      ))}
    </div>
  )
}
