// All processes of the host that take most, as a table that one can sort and filter, or as a tree.

import type { MonitoredProcess, ProcessListAnswer } from "../../wire/monitor.ts"
import type { Desk } from "../Desk.ts"
import { bytes, count, percent, unknown } from "../format.ts"
import { answerTo } from "../PageState.ts"
import { hashOf, type Place, withQuery } from "../Place.ts"
import { question } from "../Question.ts"
import { Time } from "../Time.tsx"
import { Unread } from "../Unread.tsx"
import { forested, type Sorting, sorted } from "./ordering.ts"

const most = 100

export const hostAsked = (place: Place) =>
  question<ProcessListAnswer>(
    "api/processes",
    { limit: most, sortBy: place.query["sort"] === "memory_mb" ? "memory" : "cpu" },
    3_000,
  )

interface Column {
  readonly key: Sorting["key"]
  readonly title: string
  readonly isNumber: boolean
}

const columns: ReadonlyArray<Column> = [
  { key: "name", title: "Name", isNumber: false },
  { key: "pid", title: "PID", isNumber: true },
  { key: "username", title: "User", isNumber: false },
  { key: "status", title: "Status", isNumber: false },
  { key: "cpu_percent", title: "CPU", isNumber: true },
  { key: "memory_mb", title: "Memory", isNumber: true },
  { key: "num_threads", title: "Threads", isNumber: true },
  { key: "started_at", title: "Started", isNumber: true },
]

const sortingOf = ({ query }: Place): Sorting => {
  const key = columns.find((column) => column.key === query["sort"])?.key ?? "cpu_percent"
  return { key, isRising: query["order"] === "rising" }
}

const matches = (process: MonitoredProcess, text: string): boolean =>
  [
    process.name,
    process.cmdline,
    process.username,
    String(process.pid),
    process.container ?? "",
    process.pod ?? "",
  ].some((part) => part.toLowerCase().includes(text.toLowerCase()))

export const HostTable = ({ desk, chosen }: { readonly desk: Desk; readonly chosen: number | null }) => {
  const { place, picture } = desk.page
  const answer = answerTo(picture, hostAsked(place))
  if (answer?._tag !== "Answered") return <Unread name="Processes of the host" outcome={answer} />
  const { processes, total_processes: total, zombie_count: zombies } = answer.value
  const text = place.query["filter"] ?? ""
  const isTree = place.query["as"] === "tree"
  const found = processes.filter((process) => text === "" || matches(process, text))
  const rows = isTree ? forested(found) : sorted(found, sortingOf(place)).map((process) => ({ process, depth: 0 }))
  return (
    <section class="panel" aria-labelledby="host-processes-title">
      <div class="panel-head">
        <h2 id="host-processes-title" class="panel-title">
          Processes of the host
        </h2>
        <span class="panel-count">
          {count(found.length)} of {count(total)}
          {total > processes.length && `, the ${count(processes.length)} that take most`}
          {zombies > 0 && `, ${count(zombies)} zombies`}
        </span>
        <div class="toolbar panel-aside">
          <input
            type="search"
            data-filter=""
            aria-label="Filter by name, command, user, pid, container"
            placeholder="Filter  ( / )"
            value={text}
            onInput={(event) => desk.go(withQuery(place, { of: "host", filter: event.currentTarget.value }))}
          />
          <div class="segments">
            <a href={hashOf(withQuery(place, { of: "host", as: "" }))} aria-current={isTree ? undefined : "true"}>
              Table
            </a>
            <a href={hashOf(withQuery(place, { of: "host", as: "tree" }))} aria-current={isTree ? "true" : undefined}>
              Tree
            </a>
          </div>
        </div>
      </div>
      {rows.length === 0 ? (
        <p class="hint">{text === "" ? "No sample of processes yet." : "No process fits."}</p>
      ) : (
        <div class="table-scroll host-table">
          <table>
            <Head place={place} />
            <tbody>
              {rows.map(({ process, depth }) => (
                <Row key={process.pid} process={process} depth={depth} desk={desk} isChosen={process.pid === chosen} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

const Head = ({ place }: { readonly place: Place }) => {
  const { key, isRising } = sortingOf(place)
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th
            key={column.key}
            scope="col"
            class={column.isNumber ? "number" : ""}
            aria-sort={column.key === key ? (isRising ? "ascending" : "descending") : undefined}
          >
            <a
              class="sorter"
              href={hashOf(
                withQuery(place, {
                  of: "host",
                  as: "",
                  sort: column.key,
                  order: (column.key === key) !== isRising && (column.key === key || !column.isNumber) ? "rising" : "",
                }),
              )}
            >
              {column.title}
              {column.key === key ? (isRising ? " ↑" : " ↓") : ""}
            </a>
          </th>
        ))}
        <th scope="col">Command</th>
      </tr>
    </thead>
  )
}

interface RowProps {
  readonly process: MonitoredProcess
  readonly depth: number
  readonly desk: Desk
  readonly isChosen: boolean
}

const Row = ({ process, depth, desk: { page }, isChosen }: RowProps) => (
  <tr class={isChosen ? "row-chosen" : ""}>
    <th scope="row" class="nowrap" style={{ paddingLeft: `${depth * 1.1}rem` }}>
      {depth > 0 && <span class="faint">└ </span>}
      <a href={hashOf({ ...page.place, path: ["pid", String(process.pid)] })}>{process.name}</a>
    </th>
    <td class="number">{process.pid}</td>
    <td>{process.username}</td>
    <td class={process.status === "zombie" || process.status === "stopped" ? "stuck" : ""}>{process.status}</td>
    <td class="number">{percent(process.cpu_percent)}</td>
    <td class="number">{bytes(process.memory_mb * 1024 * 1024)}</td>
    <td class="number">{count(process.num_threads)}</td>
    <td class="number">
      <Time at={process.started_at} near={page.picture?.state.at ?? null} />
    </td>
    <td class="command truncate mono" title={process.cmdline}>
      {process.cmdline === "" ? unknown : process.cmdline}
    </td>
  </tr>
)
