// What a key means anywhere on the page, whatever has the focus.

import { extentOf, momentAt, stepped } from "./extent.ts"
import { markAfter, markBefore } from "./marks.ts"
import { shownMillis, type PageState } from "./PageState.ts"
import { viewNames, type ViewName } from "./Place.ts"

export interface Key {
  readonly key: string
  readonly altKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey?: boolean
}

export type Meaning =
  /** The moment to go to; null is live. */
  | { readonly _tag: "Moment"; readonly at: string | null }
  | { readonly _tag: "View"; readonly view: ViewName }
  | { readonly _tag: "Filter" }
  | { readonly _tag: "Play" }
  | { readonly _tag: "Help" }

/** Undefined when the key means nothing here. */
export const meaningOf = (page: PageState, event: Key): Meaning | undefined => {
  if (event.altKey || event.ctrlKey || event.metaKey) return undefined
  if (event.key === "/") return { _tag: "Filter" }
  if (event.key === " " && page.log?.source === "replay") return { _tag: "Play" }
  if (event.key === "?") return { _tag: "Help" }
  const view = /^[1-9]$/.test(event.key) ? viewNames[Number(event.key) - 1] : undefined
  if (view !== undefined) return { _tag: "View", view }
  const at = momentMeant(page, event)
  return at === undefined ? undefined : { _tag: "Moment", at }
}

const momentMeant = (page: PageState, event: Key): string | null | undefined => {
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
