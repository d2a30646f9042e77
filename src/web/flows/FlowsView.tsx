// The flows and their jobs.

import type { Desk } from "../Desk.ts"
import { answerTo } from "../PageState.ts"
import { question } from "../Question.ts"
import { Unread } from "../Unread.tsx"
import type { View } from "../View.ts"

interface FlowsAnswer {
  readonly flows: ReadonlyArray<{ readonly flow_id: string }>
}
const flowsAsked = question<FlowsAnswer>("api/flows")

const Body = ({ desk }: { readonly desk: Desk }) => {
  const answer = answerTo(desk.page.picture, flowsAsked)
  if (answer?._tag !== "Answered") return <Unread name="Flows" outcome={answer} />
  return (
    <section class="panel" aria-label="Flows">
      {answer.value.flows.map((flow) => (
        <p key={flow.flow_id}>{flow.flow_id}</p>
      ))}
    </section>
  )
}

export const flowsView: View = { name: "flows", title: "Flows", questions: () => [flowsAsked], Body }
