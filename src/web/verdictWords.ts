// How a verdict is shown and announced: a word, an icon and a tone for each kind, never a colour alone.

import type { CommunicatorVerdict } from "../wire/verdict.ts"

export type Tone = "good" | "warn" | "bad" | "unsure"

export interface VerdictWord {
  readonly word: string
  readonly tone: Tone
}

const words: Readonly<Record<CommunicatorVerdict["verdict"], VerdictWord>> = {
  healthy: { word: "Healthy", tone: "good" },
  mismatch: { word: "Mismatch", tone: "bad" },
  missing_rank: { word: "Missing rank", tone: "bad" },
  partial: { word: "Partial", tone: "bad" },
  deadlock: { word: "Deadlock", tone: "bad" },
  stuck_together: { word: "Stuck together", tone: "bad" },
  slow_arrival: { word: "Slow arrival", tone: "warn" },
  slow_transfer: { word: "Slow transfer", tone: "warn" },
  cannot_tell: { word: "Cannot tell", tone: "unsure" },
}

/** A kind that this page does not know yet is shown by its own name. */
export const wordOf = (kind: string): VerdictWord =>
  Object.hasOwn(words, kind)
    ? words[kind as CommunicatorVerdict["verdict"]]
    : { word: kind.replaceAll("_", " "), tone: "unsure" }

/** What makes a verdict news: its age and its sentence's seconds change all the time and do not. */
export const identityOf = (verdict: CommunicatorVerdict): string =>
  JSON.stringify([
    verdict.verdict,
    verdict.communicator?.id ?? null,
    verdict.verdict === "healthy" ? null : verdict.ordinal,
    verdict.culprits.map((culprit) => culprit.rank),
  ])

export const announcementOf = (verdict: CommunicatorVerdict): string => {
  const { word } = wordOf(verdict.verdict)
  return verdict.sentence.startsWith(word.toLowerCase()) ? verdict.sentence : `${word}: ${verdict.sentence}`
}
