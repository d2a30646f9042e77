// Starts a job of a flow: at which routine, with what input, and whether it stands still before its first call.

import { useState } from "preact/hooks"
import type { Desk } from "../Desk.ts"
import type { FlowAnswer } from "./questions.ts"
import { markedJson } from "./values.ts"

interface Props {
  readonly flow: FlowAnswer
  readonly desk: Desk
  readonly started: (job: string) => void
}

export const StartJob = ({ flow, desk, started }: Props) => {
  const targets = new Set(flow.connections.map((one) => one.target_routine))
  const names = Object.keys(flow.routines)
  const [routine, setRoutine] = useState(names.find((name) => !targets.has(name)) ?? names[0] ?? "")
  const [input, setInput] = useState("{}")
  const [isPaused, setPaused] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const start = async () => {
    const params = markedJson(input)
    if (params.fault !== null) return setFault(params.fault)
    const [slot] = flow.routines[routine]?.slots ?? []
    const outcome = await desk.act("POST", "api/jobs", {
      flow_id: flow.flow_id,
      entry_routine_id: routine,
      entry_params: params.value,
      ...(slot === undefined ? {} : { entry_slot: slot }),
      paused: isPaused,
    })
    if (outcome._tag !== "Answered") return setFault(outcome._tag === "Refused" ? outcome.detail : outcome.reason)
    setFault(null)
    const { job_id: job } = outcome.value as { readonly job_id?: string }
    if (job !== undefined) started(job)
  }
  const submit = (event: Event) => {
    event.preventDefault()
    void start()
  }
  return (
    <form class="toolbar start-job" onSubmit={submit}>
      <label>
        Begin at
        <select value={routine} onChange={(event) => setRoutine(event.currentTarget.value)}>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        with
        <input
          type="text"
          class="mono"
          aria-label="Input, as JSON"
          value={input}
          onInput={(event) => setInput(event.currentTarget.value)}
        />
      </label>
      <label>
        <input type="checkbox" checked={isPaused} onChange={(event) => setPaused(event.currentTarget.checked)} />
        stop before the first call
      </label>
      <button class="button-firm">Start a job</button>
      {fault !== null && (
        <p class="stuck" role="alert">
          {fault}
        </p>
      )}
    </form>
  )
}
