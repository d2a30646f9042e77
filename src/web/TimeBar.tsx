// The whole extent of the log as one bar: where the reader is in it, what happened when, and the way to any moment.

import "./styles/timebar.css"
import { fractionOf, momentAt, stepped, ticksOf, troubleOf, type Extent } from "./extent.ts"
import { clockIn } from "./format.ts"
import { markAt, wordsOf } from "./marks.ts"
import { nameOf, shownMillis, type PageState } from "./PageState.ts"
import type { Choose } from "./Choose.ts"

interface Props {
  readonly page: PageState
  readonly extent: Extent
  readonly choose: Choose
}

export const TimeBar = ({ page, extent, choose }: Props) => {
  const isPast = page.wanted !== null
  const here = shownMillis(page, extent)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const target = stepped(extent, here, event.key, event.shiftKey)
    if (target === null) return
    event.preventDefault()
    choose(momentAt(extent, target))
  }
  return (
    <section class="timebar" aria-label="Time">
      <div class="timebar-track">
        <Layers page={page} extent={extent} here={here} />
        <input
          type="range"
          aria-label="Moment shown"
          aria-valuetext={spoken(page, here)}
          min={0}
          max={Math.max(1, extent.headMillis - extent.firstMillis)}
          step="any"
          value={isPast ? here - extent.firstMillis : Math.max(1, extent.headMillis - extent.firstMillis)}
          onInput={(event) => choose(momentAt(extent, extent.firstMillis + Number(event.currentTarget.value)))}
          onKeyDown={onKeyDown}
        />
      </div>
      <Ends extent={extent} isFile={page.log?.read_only ?? false} hasMarks={page.marks.length > 0} />
      <p class="timebar-keys">
        Drag, or <kbd>←</kbd> <kbd>→</kbd> one second, with <kbd>Shift</kbd> ten · <kbd>[</kbd> <kbd>]</kbd> from mark
        to mark · <kbd>L</kbd> {page.log?.read_only ? "to the end" : "live"}
      </p>
    </section>
  )
}

const toPercent = (fraction: number): string => `${(fraction * 100).toFixed(3)}%`

const Layers = ({ page, extent, here }: { page: PageState; extent: Extent; here: number }) => {
  const verdict = page.picture?.verdict
  const shown = page.picture?.state.at ?? null
  const trouble =
    verdict?._tag === "Answered" && shown !== null ? troubleOf(extent, verdict.value, Date.parse(shown)) : null
  return (
    <div class="timebar-layers" aria-hidden="true">
      <div class="timebar-line" />
      <div class="timebar-passed" style={{ width: toPercent(fractionOf(extent, here)) }} />
      {trouble !== null && (
        <div
          class="timebar-trouble"
          style={{ left: toPercent(trouble.from), width: toPercent(trouble.to - trouble.from) }}
        />
      )}
      {ticksOf(extent, page.marks).map((tick) => (
        <i key={tick.fraction} class={`tick tick-${tick.tone}`} style={{ left: toPercent(tick.fraction) }} />
      ))}
    </div>
  )
}

const Ends = ({ extent, isFile, hasMarks }: { extent: Extent; isFile: boolean; hasMarks: boolean }) => {
  const clock = clockIn()
  const isOneDay = clock.day(extent.firstMillis) === clock.day(extent.headMillis)
  const say = (millis: number) => (isOneDay ? clock.time(millis) : clock.dayAndTime(millis))
  return (
    <div class="timebar-ends">
      <span>{say(extent.firstMillis)}</span>
      {hasMarks && (
        <span class="timebar-legend" aria-hidden="true">
          <i class="tick tick-start" /> boot <i class="tick tick-end" /> exit, signal <i class="tick tick-bad" />{" "}
          failure
        </span>
      )}
      <span>
        {isFile ? "end " : "now "}
        {say(extent.headMillis)}
      </span>
    </div>
  )
}

const spoken = (page: PageState, here: number): string => {
  const clock = clockIn()
  const time = `${clock.time(here)}, ${clock.day(here)}`
  if (page.wanted === null) return page.log?.read_only ? `the end, ${time}` : `live, ${time}`
  const mark = page.picture === null ? null : markAt(page.marks, page.picture.state.position)
  return mark === null ? time : `${time}; ${wordsOf(mark, nameOf(page))}`
}
