// What the tab says when another one is in front.

import type { PageState } from "./PageState.ts"
import { wordOf } from "./verdictWords.ts"

export const titleOf = (page: PageState): string => {
  const verdict = page.picture?.verdict
  const parts = [
    page.link._tag === "Disconnected" ? "disconnected" : null,
    page.wanted === null ? null : "past",
    verdict?._tag === "Answered" ? wordOf(verdict.value.verdict).word : null,
    page.log?.node ?? null,
    "Annalist",
  ]
  return parts.filter((part) => part !== null).join(" · ")
}
