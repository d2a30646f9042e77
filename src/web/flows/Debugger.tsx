// The debugger: where the job stands, how it came there, what its variables hold; and the steps it may take from here.

import { useState } from "preact/hooks"
import type { Desk } from "../Desk.ts"
import { answerTo, mayAct } from "../PageState.ts"
import { placeAt } from "../Place.ts"
import { markedJson } from "./values.ts"
import { callStackAsked, type JobState, jobUrl, type TraceEntry, type Variables, variablesAsked } from "./questions.ts"

interface Props {
  readonly job: JobState
  readonly trace: ReadonlyArray<TraceEntry>
  readonly desk: Desk
}

export const Debugger = ({ job, trace, desk }: Props) => {
  const [refusal, setRefusal] = useState<string | null>(null)
  const { picture } = desk.page
  const variables = answerTo(picture, variablesAsked(job.job_id))
  const stack = answerTo(picture, callStackAsked(job.job_id))
  const here = job.paused?.at ?? null
  /** The call that it stands before, as a job of its own. */
  const again = async (known: Variables) => {
    const outcome = await desk.agent.act("POST", "api/jobs", {
      flow_id: job.flow_id,
      entry_routine_id: here?.routine_id,
      entry_slot: here?.slot_name,
      entry_params: known.variables.local,
      origin: { job_id: job.job_id, call: here?.call },
    })
    if (outcome._tag !== "Answered") return setRefusal(outcome._tag === "Refused" ? outcome.detail : outcome.reason)
    desk.choose(null)
    desk.go(placeAt("flows", job.flow_id, (outcome.value as { readonly job_id: string }).job_id))
  }
  const act = async (method: "POST" | "PUT", path: string, body?: unknown) => {
    const outcome = await desk.act(method, `${jobUrl(job.job_id)}/${path}`, body)
    setRefusal(outcome._tag === "Answered" ? null : outcome._tag === "Refused" ? outcome.detail : outcome.reason)
  }
  return (
    <section class="debugger" aria-label="Debugger">
      <Steps
        job={job}
        trace={trace}
        desk={desk}
        act={(path) => void act("POST", path)}
        again={
          (here?.slot_name ?? null) === null || variables?._tag !== "Answered"
            ? null
            : () => void again(variables.value)
        }
      />
      {refusal !== null && (
        <p class="notice" role="alert">
          <strong>Refused.</strong> {refusal}
        </p>
      )}
      {job.paused !== null && (
        <p>
          Stands {here === null ? "still" : `at ${here.routine_id}.${here.slot_name ?? here.event_name ?? ""}`} (
          {job.paused.reason})
        </p>
      )}
      <div class="debugger-parts">
        {variables?._tag === "Answered" && (
          <VariableTable
            variables={variables.value}
            set={
              mayAct(desk.page) && job.status === "paused"
                ? (name, value, scope) =>
                    void act("PUT", `debug/variables/${encodeURIComponent(name)}`, { value, scope })
                : null
            }
          />
        )}
        {stack?._tag === "Answered" && stack.value.frames.length > 0 && (
          <div>
            <h3 class="panel-title">Calls that led here</h3>
            <ol class="frames">
              {stack.value.frames.map((frame, index) => (
                <li key={index}>
                  {frame.routine_id}.{frame.slot_name}{" "}
                  {frame.line !== null && <span class="faint">line {frame.line}</span>}
                </li>
              ))}
            </ol>
          </div>
        )}
      </div>
    </section>
  )
}

interface StepsProps extends Props {
  readonly act: (path: string) => void
  /** Null where the job stands nowhere. */
  readonly again: (() => void) | null
}

const Steps = ({ job, trace, desk, act, again }: StepsProps) => {
  const isPaused = job.status === "paused"
  const { position } = desk.page.picture?.state ?? { position: 0 }
  const before = trace.findLast((entry) => entry.position < position)
  return (
    <div class="toolbar">
      {mayAct(desk.page) && (
        <>
          <button
            type="button"
            disabled={job.status !== "running" && job.status !== "pending"}
            onClick={() => act("pause")}
          >
            Pause
          </button>
          <button type="button" class="button-firm" disabled={!isPaused} onClick={() => act("resume")}>
            Go on
          </button>
          <button type="button" disabled={!isPaused} onClick={() => act("debug/step_over")}>
            Step over
          </button>
          <button type="button" disabled={!isPaused} onClick={() => act("debug/step_into")}>
            Step into
          </button>
        </>
      )}
      <button
        type="button"
        disabled={before === undefined}
        title="Looks at the step before; the job itself stays where it is"
        onClick={() => before !== undefined && desk.choose(String(before.position))}
      >
        Step back
      </button>
      {again !== null && (
        <button type="button" title="A new job begins here, with these variables" onClick={again}>
          Run again from here
        </button>
      )}
      {mayAct(desk.page) && (
        <button
          type="button"
          class="button-bad"
          disabled={["completed", "failed", "cancelled"].includes(job.status)}
          onClick={() => act("cancel")}
        >
          Cancel the job
        </button>
      )}
    </div>
  )
}

interface VariablesProps {
  readonly variables: Variables
  readonly set: ((name: string, value: unknown, scope: "local" | "shared") => void) | null
}

const VariableTable = ({ variables, set }: VariablesProps) => {
  const rows = [
    ...Object.entries(variables.variables.local).map(([name, value]) => ({ name, value, scope: "local" as const })),
    ...Object.entries(variables.variables.shared).map(([name, value]) => ({ name, value, scope: "shared" as const })),
  ]
  return (
    <div>
      <h3 class="panel-title">Variables</h3>
      {rows.length === 0 ? (
        <p class="hint">None here.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Of</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, value, scope }) => (
              <tr key={`${scope} ${name}`}>
                <th scope="row" class="mono">
                  {name}
                </th>
                <td class="faint">{scope === "local" ? "the call" : "the job"}</td>
                <td class="mono">
                  {set === null ? (
                    JSON.stringify(value)
                  ) : (
                    <Editable name={name} value={value} set={(next) => set(name, next, scope)} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

interface EditableProps {
  readonly name: string
  readonly value: unknown
  readonly set: (value: unknown) => void
}

const Editable = ({ name, value, set }: EditableProps) => {
  const [fault, setFault] = useState<string | null>(null)
  const change = (text: string) => {
    const parsed = markedJson(text)
    setFault(parsed.fault)
    if (parsed.fault === null) set(parsed.value)
  }
  return (
    <>
      <input
        type="text"
        aria-label={`Value of ${name}, as JSON`}
        aria-invalid={fault !== null}
        value={JSON.stringify(value)}
        onChange={(event) => change(event.currentTarget.value)}
      />
      {fault !== null && <span class="stuck"> {fault}</span>}
    </>
  )
}
