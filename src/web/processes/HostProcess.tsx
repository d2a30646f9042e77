// One process of the host: what it is, its history, its relatives, and its end.

import type { ProcessDetailsAnswer, TreeAnswer } from "../../wire/monitor.ts"
import type { Desk } from "../Desk.ts"
import { bytes, count, percent, unknown } from "../format.ts"
import { answerTo, mayAct } from "../PageState.ts"
import { hashOf } from "../Place.ts"
import { question, type Question } from "../Question.ts"
import { Time } from "../Time.tsx"
import { Unread } from "../Unread.tsx"
import { Act } from "./Act.tsx"
import { HistoryPanel } from "./HistoryPanel.tsx"

const detailsAsked = (pid: number) => question<ProcessDetailsAnswer>(`api/processes/${pid}`, {}, 3_000)
const treeAsked = (pid: number) => question<TreeAnswer>(`api/processes/${pid}/tree`, {}, 5_000)

export const hostProcessAsked = (pid: number): ReadonlyArray<Question<unknown>> => [detailsAsked(pid), treeAsked(pid)]

export const HostProcess = ({ pid, desk }: { readonly pid: number; readonly desk: Desk }) => {
  const { picture } = desk.page
  const details = answerTo(picture, detailsAsked(pid))
  const tree = answerTo(picture, treeAsked(pid))
  if (details?._tag !== "Answered") return <Unread name={`Process ${pid}`} outcome={details} />
  const one = details.value
  return (
    <section class="panel process" aria-labelledby="process-title">
      <div class="panel-head">
        <h2 id="process-title" class="panel-title">
          {one.name} <span class="panel-count">pid {pid}</span>
        </h2>
        {mayAct(desk.page) && (
          <Act
            desk={desk}
            title="Kill"
            url={`api/processes/${pid}/kill`}
            body={{ force: false }}
            question={`Kill ${one.name}, pid ${pid}?`}
            losses={[`${one.name} (pid ${pid}): SIGTERM now, SIGKILL after 3 s`]}
          />
        )}
      </div>
      <Facts one={one} desk={desk} />
      <HistoryPanel desk={desk} pid={pid} name={one.name} />
      {tree?._tag === "Answered" && <Relatives tree={tree.value} desk={desk} />}
    </section>
  )
}

const Facts = ({ one, desk }: { readonly one: ProcessDetailsAnswer; readonly desk: Desk }) => (
  <dl class="facts process-facts">
    <dt>Command</dt>
    <dd class="mono">{one.cmdline === "" ? unknown : one.cmdline}</dd>
    <dt>Runs in</dt>
    <dd class="mono">{one.cwd ?? unknown}</dd>
    <dt>User</dt>
    <dd>
      {one.username}, group {one.process_group}, nice {one.nice}
    </dd>
    <dt>Started</dt>
    <dd>
      <Time at={one.started_at} near={desk.page.picture?.state.at ?? null} />
    </dd>
    <dt>Now</dt>
    <dd>
      {one.status}, {percent(one.cpu_percent)} of a core, {bytes(one.memory_mb * 1024 * 1024)}, {count(one.num_threads)}{" "}
      threads
    </dd>
    <dt>Open</dt>
    <dd>
      {count(one.num_fds)} descriptors, {count(one.open_files)} files, {count(one.connections)} connections
    </dd>
    {(one.container ?? one.pod) !== null && (
      <>
        <dt>Container</dt>
        <dd class="mono">{[one.pod, one.container].filter((part) => part !== null).join(" / ")}</dd>
      </>
    )}
  </dl>
)

const Relatives = ({ tree, desk }: { readonly tree: TreeAnswer; readonly desk: Desk }) => {
  const link = (pid: number, name: string) => (
    <a href={hashOf({ ...desk.page.place, path: ["pid", String(pid)] })}>
      {name} {pid}
    </a>
  )
  return (
    <p class="relatives">
      {tree.parent !== null && <span>Started by {link(tree.parent.pid, tree.parent.name)}. </span>}
      {tree.children.length === 0 ? (
        <span class="faint">It has started no other.</span>
      ) : (
        <span>
          It has started{" "}
          {tree.children.slice(0, 24).map((child, index) => (
            <span key={child.pid}>
              {index > 0 && ", "}
              {link(child.pid, child.name)}
            </span>
          ))}
          {tree.total_children > 24 && ` and ${tree.total_children - 24} more`}.
        </span>
      )}
    </p>
  )
}
