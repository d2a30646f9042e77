// The processes: those the agent keeps.

import type { Desk } from "../Desk.ts"
import { answerTo } from "../PageState.ts"
import { processesAsked } from "../questions.ts"
import { Unread } from "../Unread.tsx"
import type { View } from "../View.ts"
import { ManagedTable } from "./ManagedTable.tsx"

const Body = ({ desk }: { readonly desk: Desk }) => {
  const processes = answerTo(desk.page.picture, processesAsked)
  return processes?._tag === "Answered" ? (
    <ManagedTable processes={processes.value.processes} desk={desk} />
  ) : (
    <Unread name="Processes" outcome={processes} />
  )
}

export const processesView: View = { name: "processes", title: "Processes", questions: () => [processesAsked], Body }
