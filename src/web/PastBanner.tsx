// Says, unmissably, that what is shown is not the present, and how to get back to it.

import "./styles/past.css"
import type { Choose } from "./Choose.ts"
import { clockIn, count } from "./format.ts"
import { markAt, wordsOf } from "./marks.ts"
import { isBehind, nameOf, wantedMillis, type PageState } from "./PageState.ts"

interface Props {
  readonly page: PageState
  readonly choose: Choose
}

export const PastBanner = ({ page, choose }: Props) => {
  if (page.wanted === null) return null
  const isRefused = page.refusal !== null
  return (
    <section class={`past ${isRefused ? "past-refused" : ""}`} aria-label="Past moment">
      <p class="past-words">{isRefused ? <Refused page={page} /> : <Where page={page} />}</p>
      <button type="button" class="past-back" onClick={() => choose(null)}>
        {page.log?.read_only ? "To the end of the session" : "Back to live"} <kbd>Esc</kbd> <kbd>L</kbd>
      </button>
    </section>
  )
}

const Refused = ({ page }: { readonly page: PageState }) => (
  <span role="alert">
    <strong>No such moment.</strong> {page.refusal}
  </span>
)

const Where = ({ page }: { readonly page: PageState }) => {
  const millis = wantedMillis(page)
  if (millis === null)
    return (
      <>
        Going to {/^\d+$/.test(page.wanted ?? "") ? "position " : ""}
        {page.wanted} …
      </>
    )
  const clock = clockIn()
  const position = page.picture?.state.position ?? null
  const mark = position === null || isBehind(page) ? null : markAt(page.marks, position)
  return (
    <>
      {isBehind(page) ? "Going to " : "You look at "}
      <strong>{clock.time(millis)}</strong>{" "}
      <span class="past-detail">
        {clock.day(millis)} {clock.zone(millis)}
        {!isBehind(page) && position !== null && ` · position ${count(position)}`}
        {mark !== null && ` · ${wordsOf(mark, nameOf(page))}`}
      </span>
    </>
  )
}
