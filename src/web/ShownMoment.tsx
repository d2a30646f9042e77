// Says which moment is shown: the present calmly, the past unmissably.

import { clockIn, count, duration } from "./format.ts"
import { markAt, wordsOf } from "./marks.ts"
import { isBehind, nameOf, shownMillis, wantedMillis, type PageState } from "./PageState.ts"
import type { Extent } from "./extent.ts"

interface Props {
  readonly page: PageState
  readonly extent: Extent
}

export const ShownMoment = ({ page, extent }: Props) => {
  if (page.refusal !== null) {
    return (
      <div class="timebar-moment" role="alert">
        <p class="moment-time">No such moment</p>
        <p class="moment-more">{page.refusal}</p>
      </div>
    )
  }
  const clock = clockIn()
  const here = shownMillis(page, extent)
  return (
    <div class="timebar-moment">
      <p class="moment-word">{wordOf(page, here, extent)}</p>
      <p class="moment-time">{page.wanted !== null && wantedMillis(page) === null ? page.wanted : clock.time(here)}</p>
      <p class="moment-more truncate">{moreOf(page, `${clock.day(here)} ${clock.zone(here)}`)}</p>
    </div>
  )
}

const wordOf = (page: PageState, here: number, extent: Extent): string => {
  const end = page.log?.read_only ? "the end" : "now"
  if (page.wanted === null && page.log?.source === "replay") return "Now, in the replay"
  if (page.wanted === null) return page.log?.read_only ? "The end of the session" : "Now, live"
  if (isBehind(page)) return "Going to the past …"
  return `The past: ${duration((extent.headMillis - here) / 1000)} before ${end}`
}

const moreOf = (page: PageState, day: string): string => {
  const position = page.wanted === null || isBehind(page) ? null : (page.picture?.state.position ?? null)
  const mark = position === null ? null : markAt(page.marks, position)
  const words = mark === null ? "" : `, ${wordsOf(mark, nameOf(page))}`
  return `${day}${position === null ? "" : `, #${count(position)}`}${words}`
}
