// What a key means anywhere on the page, whatever has the focus.

import { extentOf, momentAt, stepped } from "./extent.ts"
import { markAfter, markBefore } from "./marks.ts"
import { shownMillis, type PageState } from "./PageState.ts"

export interface Key {
  readonly key: string
  readonly altKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey?: boolean
}

/** The moment to go to (null is live); undefined when the key means nothing here. */
export const meaningOf = (page: PageState, event: Key): string | null | undefined => {
  if (event.altKey || event.ctrlKey || event.metaKey) return undefined
  switch (event.key) {
    case "Escape":
    case "l":
    case "L":
      return page.wanted === null ? undefined : null
    case "[":
      return momentOf(markBefore(page.marks, positionOf(page)))
    case "]":
      return page.wanted === null ? undefined : (momentOf(markAfter(page.marks, positionOf(page))) ?? null)
    case "ArrowLeft":
    case "ArrowRight":
      return secondsAway(page, event)
    default:
      return undefined
  }
}

/** The time bar's own steps, without the way to it by Tab; up and down stay the page's. */
const secondsAway = (page: PageState, { key, shiftKey }: Key): string | null | undefined => {
  const extent = extentOf(page.log)
  if (extent === null || (page.wanted === null && key === "ArrowRight")) return undefined
  const target = stepped(extent, shownMillis(page, extent), key, shiftKey ?? false)
  return target === null ? undefined : momentAt(extent, target)
}

const momentOf = (mark: { readonly position: number } | null): string | undefined =>
  mark === null ? undefined : String(mark.position)

/** Where the reader is by now; live is behind the last event. */
const positionOf = (page: PageState): number => {
  if (page.wanted === null) return Number.POSITIVE_INFINITY
  if (/^\d+$/.test(page.wanted)) return Number(page.wanted)
  return page.picture?.state.position ?? 0
}
