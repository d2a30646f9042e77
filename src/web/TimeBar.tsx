// The whole extent of the log as one bar: how full it is, what happened when, where the reader is, and the way to any moment.

import "./styles/timebar.css"
import { useState } from "preact/hooks"
import { barsOf, stepFor, type Density } from "./density.ts"
import type { Desk } from "./Desk.ts"
import { fractionOf, labelsOf, momentAt, stepped, ticksOf, troubleOf, type Extent } from "./extent.ts"
import { clockIn } from "./format.ts"
import { markAfter, markAt, markBefore, markNear, wordsOf } from "./marks.ts"
import { nameOf, shownMillis, type PageState } from "./PageState.ts"
import { Replay } from "./Replay.tsx"
import { ShownMoment } from "./ShownMoment.tsx"

interface Props {
  readonly desk: Desk
  readonly extent: Extent
}

export const TimeBar = ({ desk, extent }: Props) => {
  const { page } = desk
  const mood = page.refusal !== null ? "timebar-refused" : page.wanted !== null ? "timebar-past" : ""
  return (
    <section class={`timebar ${mood}`} aria-label="Time">
      <ShownMoment page={page} extent={extent} />
      <Track desk={desk} extent={extent} />
      <Labels extent={extent} />
      <Acts desk={desk} extent={extent} />
    </section>
  )
}

const toPercent = (fraction: number): string => `${(fraction * 100).toFixed(3)}%`

/** While the hand moves, the nearest of as many stops as the bar has steps: most of them are known already. */
const coarse = (extent: Extent, millis: number): number => {
  const step = stepFor(extent)
  return Math.min(extent.headMillis, Math.max(extent.firstMillis, Math.round(millis / step) * step))
}

const Track = ({ desk, extent }: Props) => {
  const { page, choose } = desk
  const [hovered, setHovered] = useState<number | null>(null)
  const here = shownMillis(page, extent)
  const length = Math.max(1, extent.headMillis - extent.firstMillis)
  const at = (input: HTMLInputElement) => extent.firstMillis + Number(input.value)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const target = stepped(extent, here, event.key, event.shiftKey)
    if (target === null) return
    event.preventDefault()
    choose(momentAt(extent, target))
  }
  const onPointerMove = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    setHovered(Math.min(1, Math.max(0, (event.clientX - left) / width)))
  }
  return (
    <div class="timebar-track" onPointerMove={onPointerMove} onPointerLeave={() => setHovered(null)}>
      <Layers page={page} extent={extent} here={here} />
      <input
        type="range"
        aria-label="Moment shown"
        aria-valuetext={spoken(page, here)}
        min={0}
        max={length}
        step="any"
        value={page.wanted === null ? length : here - extent.firstMillis}
        onInput={(event) => choose(momentAt(extent, coarse(extent, at(event.currentTarget))))}
        onChange={(event) => choose(momentAt(extent, at(event.currentTarget)))}
        onKeyDown={onKeyDown}
      />
      {hovered !== null && <Hover page={page} extent={extent} fraction={hovered} />}
    </div>
  )
}

const Hover = ({ page, extent, fraction }: { page: PageState; extent: Extent; fraction: number }) => {
  const millis = extent.firstMillis + fraction * (extent.headMillis - extent.firstMillis)
  const mark = markNear(page.marks, millis, (extent.headMillis - extent.firstMillis) / 150)
  return (
    <p
      class="timebar-hover truncate"
      aria-hidden="true"
      style={{ left: toPercent(Math.min(0.93, Math.max(0.07, fraction))) }}
    >
      {clockIn().time(mark?.millis ?? millis)}
      {mark !== null && `  ${wordsOf(mark, nameOf(page))}`}
    </p>
  )
}

/** Of all ways to say how long is too long, the agent's own; without its word, the setting's default. */
const defaultHangLimitMillis = 60_000

const Layers = ({ page, extent, here }: { page: PageState; extent: Extent; here: number }) => {
  const limit = page.marks.findLast((mark) => mark.hangLimitMillis !== undefined)?.hangLimitMillis
  const trouble =
    page.presentVerdict === null
      ? null
      : troubleOf(extent, page.presentVerdict, extent.headMillis, limit ?? defaultHangLimitMillis)
  return (
    <div class="timebar-layers" aria-hidden="true">
      {page.density !== null && <Bars density={page.density} extent={extent} here={here} />}
      {trouble !== null && (
        <>
          <div
            class="timebar-wait"
            style={{ left: toPercent(trouble.from), width: toPercent(trouble.sure - trouble.from) }}
          />
          <div
            class="timebar-trouble"
            style={{ left: toPercent(trouble.sure), width: toPercent(trouble.to - trouble.sure) }}
          />
        </>
      )}
      {ticksOf(extent, page.marks).map((tick) => (
        <i key={tick.fraction} class={`tick tick-${tick.tone}`} style={{ left: toPercent(tick.fraction) }} />
      ))}
      <div class="timebar-here" style={{ left: toPercent(fractionOf(extent, here)) }} />
    </div>
  )
}

const Bars = ({ density, extent, here }: { density: Density; extent: Extent; here: number }) => {
  const path = barsOf(density, extent)
    .filter(({ height }) => height > 0)
    .map(({ from, to, height }) => {
      const [left, right] = [from * 1000, Math.max(from * 1000 + 1, to * 1000 - 1)]
      return `M${left.toFixed(1)} 100V${(100 - Math.max(4, 92 * height)).toFixed(1)}H${right.toFixed(1)}V100Z`
    })
    .join("")
  const passed = fractionOf(extent, here)
  return (
    <>
      <svg viewBox="0 0 1000 100" preserveAspectRatio="none">
        <path d={path} />
      </svg>
      <svg
        viewBox="0 0 1000 100"
        preserveAspectRatio="none"
        style={{ clipPath: `inset(0 ${toPercent(1 - passed)} 0 0)` }}
      >
        <path class="density-passed" d={path} />
      </svg>
    </>
  )
}

const Labels = ({ extent }: { readonly extent: Extent }) => {
  const clock = clockIn()
  const isOneDay = clock.day(extent.firstMillis) === clock.day(extent.headMillis)
  const say = (millis: number) => (isOneDay ? clock.time(millis) : clock.dayAndTime(millis))
  const least = window.innerWidth < 700 ? 0.34 : isOneDay ? 0.11 : 0.16
  return (
    <div class="timebar-labels" aria-hidden="true">
      <span class="timebar-first">{say(extent.firstMillis)}</span>
      {labelsOf(extent, least).map(({ fraction, millis }) => (
        <span key={millis} style={{ left: toPercent(fraction) }}>
          {say(millis)}
        </span>
      ))}
      <span class="timebar-last">{say(extent.headMillis)}</span>
    </div>
  )
}

const Acts = ({ desk, extent }: Props) => {
  const { page, choose } = desk
  const position = page.wanted === null ? Number.POSITIVE_INFINITY : (page.picture?.state.position ?? 0)
  const before = markBefore(page.marks, position)
  const after = page.wanted === null ? null : markAfter(page.marks, position)
  const end = page.log?.read_only ? "To the end" : "Back to live"
  return (
    <div class="timebar-acts">
      {desk.page.wanted === null && <Replay desk={desk} />}
      <button
        type="button"
        class="timebar-mark"
        title="To the mark before ( [ )"
        aria-label="To the mark before"
        disabled={before === null}
        onClick={() => choose(before === null ? null : String(before.position))}
      >
        ‹
      </button>
      <button
        type="button"
        class="timebar-mark"
        title="To the next mark ( ] )"
        aria-label="To the next mark"
        disabled={page.wanted === null}
        onClick={() =>
          choose(after === null ? null : momentAt(extent, after.millis) === null ? null : String(after.position))
        }
      >
        ›
      </button>
      <button type="button" class="timebar-back" disabled={page.wanted === null} onClick={() => choose(null)}>
        {end}
      </button>
    </div>
  )
}

const spoken = (page: PageState, here: number): string => {
  const clock = clockIn()
  const time = `${clock.time(here)}, ${clock.day(here)}`
  if (page.wanted === null) return page.log?.read_only ? `the end, ${time}` : `live, ${time}`
  const mark = page.picture === null ? null : markAt(page.marks, page.picture.state.position)
  return mark === null ? `past, ${time}` : `past, ${time}; ${wordsOf(mark, nameOf(page))}`
}
