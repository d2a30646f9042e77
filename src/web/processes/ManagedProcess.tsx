// One managed process: what it was asked to be, how it fares, what it writes; and its restart and end.

import type { ProcessAnswer } from "../../wire/state.ts"
import type { Desk } from "../Desk.ts"
import { bytes, count, exit, unknown } from "../format.ts"
import { mayAct } from "../PageState.ts"
import { hashOf } from "../Place.ts"
import { Time } from "../Time.tsx"
import { Act } from "./Act.tsx"
import { HistoryPanel } from "./HistoryPanel.tsx"
import { Output } from "./Output.tsx"
import { isOver, StatusWord } from "./StatusWord.tsx"

interface Props {
  readonly process: ProcessAnswer
  readonly desk: Desk
}

export const ManagedProcess = ({ process, desk }: Props) => (
  <section class="panel process" aria-labelledby="process-title">
    <div class="panel-head">
      <h2 id="process-title" class="panel-title">
        {process.name}
      </h2>
      <StatusWord process={process} />
      <a class="panel-aside" href={hashOf({ view: "log", path: [], query: { process: process.id } })}>
        Its events in the log
      </a>
      {mayAct(desk.page) && <Acts process={process} desk={desk} />}
    </div>
    <Facts process={process} desk={desk} />
    {process.pid !== null && <HistoryPanel desk={desk} pid={process.pid} name={process.name} />}
    <Output process={process} desk={desk} />
  </section>
)

const Acts = ({ process, desk }: Props) => {
  const who = `${process.name}${process.pid === null ? "" : `, pid ${process.pid}`}`
  const dies = `${who} and everything that it started: SIGTERM now, SIGKILL after 10 s`
  const base = `v1/processes/${encodeURIComponent(process.id)}`
  return (
    <span class="toolbar">
      <Act
        desk={desk}
        title="Restart"
        url={`${base}/restart`}
        body={{}}
        question={`Restart ${who}?`}
        losses={
          isOver(process)
            ? [`It is booted again under its id; nothing runs that would be lost`]
            : [dies, "Then it is booted again under its id"]
        }
      />
      {isOver(process) ? (
        <Act
          desk={desk}
          title="Drop"
          method="DELETE"
          url={base}
          question={`Drop ${who}?`}
          losses={["Its output and its environment are deleted", "The log keeps its record"]}
        />
      ) : (
        <Act
          desk={desk}
          title="Kill"
          url={`${base}/kill`}
          body={{}}
          question={`Kill ${who}?`}
          losses={[dies, "Its restart policy rests: it stays dead"]}
        />
      )}
    </span>
  )
}

const Facts = ({ process, desk }: Props) => {
  const near = desk.page.picture?.state.at ?? null
  const environment = Object.entries(process.env ?? {})
  return (
    <dl class="facts process-facts">
      <dt>Command</dt>
      <dd class="mono">{process.argv.join(" ")}</dd>
      <dt>Runs in</dt>
      <dd class="mono">{process.working_directory}</dd>
      <dt>User</dt>
      <dd>
        {process.user} on {process.host}
        {process.session !== null && `, session ${process.session}`}
      </dd>
      <dt>Asked for</dt>
      <dd>
        <Time at={process.requested_at} near={near} />
        {process.started_at !== null && (
          <>
            , started <Time at={process.started_at} near={near} />
          </>
        )}
        {process.ended_at !== null && (
          <>
            , ended <Time at={process.ended_at} near={near} />:{" "}
            {process.reason ?? exit(process.exit_code, process.exit_signal)}
          </>
        )}
      </dd>
      {(process.boots ?? 1) > 1 && (
        <>
          <dt>Boots</dt>
          <dd>{count(process.boots ?? null)}</dd>
        </>
      )}
      {process.restart_at != null && (
        <>
          <dt>Boots again</dt>
          <dd>
            <Time at={process.restart_at} near={near} />
          </dd>
        </>
      )}
      {process.limits != null && (
        <>
          <dt>Limits</dt>
          <dd>{limitsOf(process.limits)}</dd>
        </>
      )}
      {(process.depends_on ?? []).length > 0 && (
        <>
          <dt>After</dt>
          <dd>{process.depends_on?.join(", ")}</dd>
        </>
      )}
      {process.failure != null && (
        <>
          <dt>Failure</dt>
          <dd>
            {process.failure.kind === "first"
              ? "the first of its session: look here"
              : `went down after ${process.failure.of ?? "another"}`}
          </dd>
        </>
      )}
      <dt>Environment</dt>
      <dd class="mono">
        {environment.length === 0
          ? unknown
          : environment.map(([name, value]) => (value === "[redacted]" ? name : `${name}=${value}`)).join(" ")}
      </dd>
    </dl>
  )
}

const limitsOf = (limits: NonNullable<ProcessAnswer["limits"]>): string =>
  Object.entries(limits)
    .map(
      ([name, value]) =>
        `${name.replace(/_bytes$/, "").replaceAll("_", " ")} ${name.endsWith("_bytes") ? bytes(value ?? null) : value}`,
    )
    .join(", ")
