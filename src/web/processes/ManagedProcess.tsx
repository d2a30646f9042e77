// One managed process: what it was asked to be, how it fares, what it writes; and its restart and end.

import { type ComponentChildren, Fragment } from "preact"
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

type Fact = readonly [name: string, said: ComponentChildren]

const Facts = ({ process, desk }: Props) => (
  <dl class="facts process-facts">
    {factsOf(process, desk).map(([name, said]) => (
      <Fragment key={name}>
        <dt>{name}</dt>
        <dd>{said}</dd>
      </Fragment>
    ))}
  </dl>
)

const factsOf = (process: ProcessAnswer, desk: Desk): ReadonlyArray<Fact> => {
  const near = desk.page.picture?.state.at ?? null
  const time = (at: string | null) => (at === null ? null : <Time at={at} near={near} />)
  const { session, failure = null, limits = null, restart_at: again = null, depends_on: after = [] } = process
  const facts: ReadonlyArray<Fact | null> = [
    ["Command", <code>{process.argv.join(" ")}</code>],
    ["Runs in", <code>{process.working_directory}</code>],
    ["User", `${process.user} on ${process.host}${session === null ? "" : `, session ${session}`}`],
    ["Asked for", time(process.requested_at)],
    process.started_at === null ? null : ["Started", time(process.started_at)],
    process.ended_at === null
      ? null
      : ["Ended", [time(process.ended_at), ": ", process.reason ?? exit(process.exit_code, process.exit_signal)]],
    (process.boots ?? 1) > 1 ? ["Boots", count(process.boots ?? null)] : null,
    again === null ? null : ["Boots again", time(again)],
    limits === null ? null : ["Limits", limitsOf(limits)],
    after.length === 0 ? null : ["After", after.join(", ")],
    failure === null ? null : ["Failure", failureOf(failure)],
    ["Environment", <code>{environmentOf(process)}</code>],
  ]
  return facts.filter((fact) => fact !== null)
}

const failureOf = (failure: NonNullable<ProcessAnswer["failure"]>): string =>
  failure.kind === "first"
    ? "the first of its session: here is where to look"
    : `it went down after ${failure.of ?? "another"}`

/** Values that are kept out of the log leave their names. */
const environmentOf = ({ env }: ProcessAnswer): string => {
  const entries = Object.entries(env ?? {})
  if (entries.length === 0) return unknown
  return entries.map(([name, value]) => (value === "[redacted]" ? name : `${name}=${value}`)).join(" ")
}

const limitsOf = (limits: NonNullable<ProcessAnswer["limits"]>): string =>
  Object.entries(limits)
    .map(
      ([name, value]) =>
        `${name.replace(/_bytes$/, "").replaceAll("_", " ")} ${name.endsWith("_bytes") ? bytes(value ?? null) : value}`,
    )
    .join(", ")
