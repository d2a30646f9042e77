// The processes: those that the agent keeps, or all of the host; and everything about the one that is chosen.

import { useState } from "preact/hooks"
import type { Desk } from "../Desk.ts"
import { answerTo, mayAct, type PageState } from "../PageState.ts"
import { hashOf, type Place } from "../Place.ts"
import { processesAsked } from "../questions.ts"
import { Unread } from "../Unread.tsx"
import type { View } from "../View.ts"
import { BootDialog } from "./BootDialog.tsx"
import { historiesAsked } from "./HistoryPanel.tsx"
import { HostProcess, hostProcessAsked } from "./HostProcess.tsx"
import { HostTable, hostAsked } from "./HostTable.tsx"
import { ManagedProcess } from "./ManagedProcess.tsx"
import { ManagedTable } from "./ManagedTable.tsx"

/** Processes of the host stand behind "pid" in the address; managed ones have an id of their own. */
const pidOf = ({ path }: Place): number | null => (path[0] === "pid" && path[1] !== undefined ? Number(path[1]) : null)

const isHost = (place: Place): boolean => place.query["of"] === "host" || pidOf(place) !== null

const Body = ({ desk }: { readonly desk: Desk }) => {
  const { place } = desk.page
  return (
    <>
      <div class="toolbar">
        <nav class="segments" aria-label="Which processes">
          <a
            href={hashOf({ view: "processes", path: [], query: {} })}
            aria-current={isHost(place) ? undefined : "true"}
          >
            Managed
          </a>
          <a
            href={hashOf({ view: "processes", path: [], query: { of: "host" } })}
            aria-current={isHost(place) ? "true" : undefined}
          >
            Whole host
          </a>
        </nav>
      </div>
      {isHost(place) ? <Host desk={desk} /> : <Managed desk={desk} />}
    </>
  )
}

const Managed = ({ desk }: { readonly desk: Desk }) => {
  const [isBooting, setBooting] = useState(false)
  const answer = answerTo(desk.page.picture, processesAsked)
  if (answer?._tag !== "Answered") return <Unread name="Processes" outcome={answer} />
  const { processes } = answer.value
  const chosen = processes.find(({ id }) => id === desk.page.place.path[0])
  return (
    <>
      <ManagedTable processes={processes} desk={desk}>
        {mayAct(desk.page) && (
          <button type="button" class="panel-aside" onClick={() => setBooting(true)}>
            Boot a process
          </button>
        )}
      </ManagedTable>
      {isBooting && <BootDialog desk={desk} close={() => setBooting(false)} />}
      {chosen !== undefined && <ManagedProcess key={chosen.id} process={chosen} desk={desk} />}
      {chosen === undefined && desk.page.place.path[0] !== undefined && (
        <p class="panel hint">No such process at this moment.</p>
      )}
    </>
  )
}

const Host = ({ desk }: { readonly desk: Desk }) => {
  const pid = pidOf(desk.page.place)
  return (
    <>
      <HostTable desk={desk} chosen={pid} />
      {pid !== null && <HostProcess key={pid} pid={pid} desk={desk} />}
    </>
  )
}

const questionsOf = (page: PageState) => {
  const pid = pidOf(page.place)
  if (!isHost(page.place)) {
    const answer = answerTo(page.picture, processesAsked)
    const chosen =
      answer?._tag === "Answered" ? answer.value.processes.find(({ id }) => id === page.place.path[0]) : undefined
    const pidOfChosen = chosen?.pid ?? null
    return [processesAsked, ...(pidOfChosen === null ? [] : historiesAsked(page.place, pidOfChosen))]
  }
  return [
    hostAsked(page.place),
    ...(pid === null ? [] : [...hostProcessAsked(pid), ...historiesAsked(page.place, pid)]),
  ]
}

export const processesView: View = { name: "processes", title: "Processes", questions: questionsOf, Body }
