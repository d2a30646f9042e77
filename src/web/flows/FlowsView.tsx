// The flows, the picture of one of them, its jobs, and everything about the one that is chosen.

import "../styles/flows.css"
import type { Desk } from "../Desk.ts"
import { count } from "../format.ts"
import { answerTo, mayAct, type PageState } from "../PageState.ts"
import { hashOf, type Place, placeAt } from "../Place.ts"
import { Time } from "../Time.tsx"
import { Unread, Why } from "../Unread.tsx"
import type { View } from "../View.ts"
import { Debugger } from "./Debugger.tsx"
import { FlowGraph } from "./FlowGraph.tsx"
import {
  breakpointsAsked,
  type FlowAnswer,
  flowsAsked,
  jobMetricsAsked,
  jobQuestions,
  jobsAsked,
  jobStateAsked,
  jobUrl,
  traceAsked,
} from "./questions.ts"
import { StartJob } from "./StartJob.tsx"
import { Waterfall } from "./Waterfall.tsx"

const Body = ({ desk }: { readonly desk: Desk }) => {
  const answer = answerTo(desk.page.picture, flowsAsked)
  if (answer?._tag !== "Answered") return <Unread name="Flows" outcome={answer} />
  const { flows } = answer.value
  if (flows.length === 0) return <NoFlow desk={desk} />
  const chosen = flows.find(({ flow_id: id }) => id === flowOf(desk.page.place)) ?? flows[0]
  return (
    <div class="flows">
      <section class="panel" aria-labelledby="flows-title">
        <div class="panel-head">
          <h2 id="flows-title" class="panel-title">
            Flows
          </h2>
          <span class="panel-count">{count(flows.length)}</span>
        </div>
        <ul class="flow-list">
          {flows.map((flow) => (
            <li key={flow.flow_id}>
              <a href={hashOf(placeAt("flows", flow.flow_id))} aria-current={flow === chosen ? "true" : undefined}>
                {flow.flow_id}
              </a>
            </li>
          ))}
        </ul>
        {chosen !== undefined && <Jobs flow={chosen} desk={desk} />}
      </section>
      {chosen !== undefined && <Flow key={chosen.flow_id} flow={chosen} desk={desk} />}
    </div>
  )
}

const flowOf = ({ path }: Place): string | undefined => path[0]

const NoFlow = ({ desk: { page } }: { readonly desk: Desk }) => (
  <section class="panel" aria-label="Flows">
    <div class="panel-head">
      <h2 class="panel-title">Flows</h2>
    </div>
    {page.wanted !== null || page.log?.read_only ? (
      <p class="hint">No flow {page.wanted === null ? "is in this session." : "was defined at this moment."}</p>
    ) : (
      <div class="hint">
        <p>No flow yet. Routines lie in the agent's routine folders; this makes a flow of three of them:</p>
        <pre>
          <code>{`curl -X POST ${location.origin}/api/flows -H 'content-type: application/json' -d '{"flow_id": "pipeline", "dsl_dict": {"flow_id": "pipeline",
  "routines": {"ingest": {"class": "demo.Ingest"}, "process": {"class": "demo.Process"}, "validate": {"class": "demo.Validate"}},
  "connections": [{"from": "ingest.data_ingested", "to": "process.data_ingested"}, {"from": "process.data_processed", "to": "validate.data_processed"}]}}'`}</code>
        </pre>
      </div>
    )}
  </section>
)

const Jobs = ({ flow, desk }: { readonly flow: FlowAnswer; readonly desk: Desk }) => {
  const answer = answerTo(desk.page.picture, jobsAsked(flow.flow_id))
  const [, chosen] = desk.page.place.path
  return (
    <>
      <h3 class="panel-title jobs-title">
        Jobs <span class="panel-count">{answer?._tag === "Answered" && count(answer.value.total)}</span>
      </h3>
      {answer?._tag !== "Answered" ? (
        <Why outcome={answer} />
      ) : answer.value.jobs.length === 0 ? (
        <p class="hint">No job of this flow yet.</p>
      ) : (
        <ul class="flow-list">
          {answer.value.jobs.map((job) => (
            <li key={job.job_id}>
              <a
                href={hashOf(placeAt("flows", flow.flow_id, job.job_id))}
                aria-current={job.job_id === chosen ? "true" : undefined}
              >
                <span class={`job-dot job-${job.status}`} /> {job.status}{" "}
                {job.created_at !== null && <Time at={job.created_at} near={desk.page.picture?.state.at ?? null} />}
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

const Flow = ({ flow, desk }: { readonly flow: FlowAnswer; readonly desk: Desk }) => {
  const { picture, place } = desk.page
  const job = place.path[0] === flow.flow_id ? (place.path[1] ?? null) : null
  const state = job === null ? undefined : answerTo(picture, jobStateAsked(job))
  const metrics = job === null ? undefined : answerTo(picture, jobMetricsAsked(job))
  const breakpoints = job === null ? undefined : answerTo(picture, breakpointsAsked(job))
  const trace = job === null ? undefined : answerTo(picture, traceAsked(job))
  const set = breakpoints?._tag === "Answered" ? breakpoints.value.breakpoints : []
  const toggle = (routine: string) => {
    if (job === null) return
    const known = set.find((one) => one.routine_id === routine)
    void (known === undefined
      ? desk.act("POST", `${jobUrl(job)}/breakpoints`, { type: "routine", routine_id: routine })
      : desk.act("DELETE", `${jobUrl(job)}/breakpoints/${encodeURIComponent(known.breakpoint_id)}`))
  }
  const isLive = state?._tag === "Answered" && !["completed", "failed", "cancelled"].includes(state.value.status)
  return (
    <section class="panel flow" aria-labelledby="flow-title">
      <div class="panel-head">
        <h2 id="flow-title" class="panel-title">
          {flow.flow_id}
        </h2>
        <span class="panel-count">
          {flow.execution_strategy}
          {state?._tag === "Answered" && `, job ${state.value.job_id.slice(0, 12)} ${state.value.status}`}
        </span>
      </div>
      <FlowGraph
        flow={flow}
        state={state?._tag === "Answered" ? state.value : null}
        metrics={metrics?._tag === "Answered" ? metrics.value : null}
        breakpoints={set}
        toggle={isLive && mayAct(desk.page) ? toggle : null}
      />
      {mayAct(desk.page) && (
        <StartJob flow={flow} desk={desk} started={(started) => desk.go(placeAt("flows", flow.flow_id, started))} />
      )}
      {job !== null && state?._tag !== "Answered" && <Why outcome={state} />}
      {state?._tag === "Answered" && (
        <>
          {state.value.error !== null && (
            <p class="notice">
              <strong>Failed.</strong> {state.value.error}
            </p>
          )}
          <Debugger job={state.value} trace={trace?._tag === "Answered" ? trace.value.events : []} desk={desk} />
          {trace?._tag === "Answered" ? (
            <Waterfall entries={trace.value.events} now={Date.parse(picture?.state.at ?? "") * 1000} desk={desk} />
          ) : (
            <Why outcome={trace} />
          )}
        </>
      )}
    </section>
  )
}

const standsStill = (page: PageState, job: string): boolean => {
  const state = answerTo(page.picture, jobStateAsked(job))
  return page.wanted !== null || (state?._tag === "Answered" && state.value.status === "paused")
}

export const flowsView: View = {
  name: "flows",
  title: "Flows",
  questions: (page) => {
    const answer = answerTo(page.picture, flowsAsked)
    const [first] = answer?._tag === "Answered" ? answer.value.flows : []
    const flow = flowOf(page.place) ?? first?.flow_id
    const [, job] = page.place.path
    return [
      flowsAsked,
      ...(flow === undefined ? [] : [jobsAsked(flow)]),
      ...(job === undefined ? [] : jobQuestions(job, standsStill(page, job))),
    ]
  },
  Body,
}
