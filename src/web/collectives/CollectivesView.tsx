// The collectives: the verdict, and everything that it was reached by.

import type { Desk } from "../Desk.ts"
import { answerTo } from "../PageState.ts"
import { verdictAsked } from "../questions.ts"
import { Unread } from "../Unread.tsx"
import type { View } from "../View.ts"
import { VerdictPanel } from "./VerdictPanel.tsx"

const Body = ({ desk }: { readonly desk: Desk }) => {
  const verdict = answerTo(desk.page.picture, verdictAsked)
  return verdict?._tag === "Answered" ? (
    <VerdictPanel verdict={verdict.value} desk={desk} isWhole />
  ) : (
    <Unread name="Collectives" outcome={verdict} />
  )
}

export const collectivesView: View = { name: "collectives", title: "Collectives", questions: () => [], Body }
