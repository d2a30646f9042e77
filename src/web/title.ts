// What the tab says when another one is in front.

import { answerTo, type PageState } from "./PageState.ts"
import { verdictAsked } from "./questions.ts"
import { wordOf } from "./verdictWords.ts"

export const titleOf = (page: PageState): string => {
  const verdict = answerTo(page.picture, verdictAsked)
  const parts = [
    page.link._tag === "Disconnected" ? "disconnected" : null,
    page.wanted === null ? null : "past",
    verdict?._tag === "Answered" ? wordOf(verdict.value.verdict).word : null,
    page.log?.node ?? null,
    "Annalist",
  ]
  return parts.filter((part) => part !== null).join(" · ")
}
