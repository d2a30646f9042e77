// The collectives: the verdict, and everything that it was reached by.

import "../styles/collectives.css"
import type { CommunicatorsAnswer, VerdictAnswer } from "../../wire/verdict.ts"
import type { Desk } from "../Desk.ts"
import { count } from "../format.ts"
import { answerTo, type PageState } from "../PageState.ts"
import { hashOf, withQuery } from "../Place.ts"
import { verdictAsked } from "../questions.ts"
import { Unread } from "../Unread.tsx"
import type { View } from "../View.ts"
import { wordOf } from "../verdictWords.ts"
import { Bandwidth, Losses } from "./Bandwidth.tsx"
import { Matrix } from "./Matrix.tsx"
import { communicatorsAsked, matrixAsked, ranksAsked, statisticsAsked, waitsAsked } from "./questions.ts"
import { Ranks } from "./Ranks.tsx"
import { Timeline } from "./Timeline.tsx"
import { VerdictPanel } from "./VerdictPanel.tsx"
import { WaitGraph } from "./WaitGraph.tsx"

type Communicator = (typeof CommunicatorsAnswer.Type)["communicators"][number]

/** The one that the address names; else the one that the verdict is about. */
const communicatorOf = (page: PageState): string | null => {
  const answer = answerTo(page.picture, verdictAsked)
  const judged = answer?._tag === "Answered" ? (answer.value.communicator?.id ?? null) : null
  return page.place.query["group"] ?? judged
}

const Body = ({ desk }: { readonly desk: Desk }) => {
  const { picture } = desk.page
  const verdict = answerTo(picture, verdictAsked)
  const communicators = answerTo(picture, communicatorsAsked)
  const communicator = communicatorOf(desk.page)
  if (verdict?._tag !== "Answered") return <Unread name="Collectives" outcome={verdict} />
  return (
    <>
      <VerdictPanel verdict={verdict.value} desk={desk} isWhole />
      {communicators?._tag === "Answered" && communicators.value.communicators.length > 1 && (
        <Groups all={communicators.value.communicators} chosen={communicator} desk={desk} verdict={verdict.value} />
      )}
      {communicator !== null && (
        <>
          <section class="panel" aria-labelledby="timeline-title">
            <div class="panel-head">
              <h2 id="timeline-title" class="panel-title">
                Ranks over time
              </h2>
              <span class="panel-aside">Drag to move; hold Ctrl and turn the wheel to zoom</span>
            </div>
            <Timeline desk={desk} communicator={communicator} missing={missingOf(verdict.value, communicator)} />
          </section>
          <div class="collectives">
            <Ranks answer={answerTo(picture, ranksAsked(communicator))} desk={desk} />
            <WaitGraph answer={answerTo(picture, waitsAsked(communicator))} desk={desk} />
            <Matrix answer={answerTo(picture, matrixAsked(communicator))} />
            <Losses answer={answerTo(picture, statisticsAsked(communicator))} />
            <Bandwidth answer={answerTo(picture, statisticsAsked(communicator))} />
          </div>
        </>
      )}
    </>
  )
}

const missingOf = (verdict: VerdictAnswer, communicator: string): ReadonlySet<number> => {
  const one = verdict.all.find((each) => each.communicator?.id === communicator)
  return new Set(one?.culprits.filter(({ rank }) => !one.waiting.includes(rank)).map(({ rank }) => rank))
}

interface GroupsProps {
  readonly all: ReadonlyArray<Communicator>
  readonly chosen: string | null
  readonly desk: Desk
  readonly verdict: VerdictAnswer
}

const Groups = ({ all, chosen, desk, verdict }: GroupsProps) => (
  <nav class="groups" aria-label="Groups of ranks">
    {all.map((one) => {
      const judged = verdict.all.find(({ communicator }) => communicator?.id === one.id)
      return (
        <a
          key={one.id}
          href={hashOf(withQuery(desk.page.place, { group: one.id }))}
          aria-current={one.id === chosen ? "true" : undefined}
          class={`group tone-${wordOf(judged?.verdict ?? "cannot_tell").tone}`}
          title={one.id}
        >
          <b>{one.comm_id ?? one.id}</b>
          <span class="faint">
            {one.ranks_reporting} of {one.size} ranks, {count(one.collectives)} collectives
          </span>
        </a>
      )
    })}
  </nav>
)

export const collectivesView: View = {
  name: "collectives",
  title: "Collectives",
  questions: (page) => {
    const communicator = communicatorOf(page)
    const ofGroup =
      communicator === null
        ? []
        : [ranksAsked(communicator), waitsAsked(communicator), matrixAsked(communicator), statisticsAsked(communicator)]
    return [communicatorsAsked, ...ofGroup]
  },
  Body,
}
