// The managed processes. On a narrow screen each row becomes a card; explicit roles keep it a table for who listens.

import "../styles/processes.css"
import type { ComponentChildren } from "preact"
import type { ProcessAnswer } from "../../wire/state.ts"
import type { Desk } from "../Desk.ts"
import { bytes, count, exit, isStuck, kernelState, percent, unknown } from "../format.ts"
import { hashOf, placeAt } from "../Place.ts"
import { Time } from "../Time.tsx"
import { isOver, StatusWord } from "./StatusWord.tsx"

interface Props {
  readonly processes: ReadonlyArray<ProcessAnswer>
  readonly desk: Desk
  readonly children?: ComponentChildren
}

export const ManagedTable = ({ processes, desk, children }: Props) => (
  <section class="panel processes" aria-labelledby="processes-title">
    <div class="panel-head">
      <h2 id="processes-title" class="panel-title">
        {desk.page.place.view === "overview" ? (
          <a href={hashOf(placeAt("processes"))}>Processes</a>
        ) : (
          "Managed processes"
        )}
      </h2>
      {processes.length > 0 && (
        <span class="panel-count">
          {count(processes.filter((one) => !isOver(one)).length)} running of {count(processes.length)}
        </span>
      )}
      {children}
    </div>
    {processes.length === 0 ? <NoProcess desk={desk} /> : <Table processes={processes} desk={desk} />}
  </section>
)

const NoProcess = ({ desk: { page } }: { readonly desk: Desk }) => {
  if (page.wanted !== null) return <p class="hint">At this moment no process had been booted.</p>
  if (page.log?.read_only) return <p class="hint">This session holds no managed process.</p>
  return (
    <div class="hint">
      <p>No process yet. This boots one:</p>
      <pre>
        <code>
          {`curl -X POST ${location.origin}/start \\\n  -H 'content-type: application/json' \\\n  -d '{"script_path":"launch.sh"}'`}
        </code>
      </pre>
    </div>
  )
}

const columns: ReadonlyArray<readonly [name: string, isNumber: boolean]> = [
  ["Name", false],
  ["Status", false],
  ["PID", true],
  ["CPU", true],
  ["Memory", true],
  ["Threads", true],
  ["Kernel state", false],
  ["Started", true],
  ["Ended", true],
  ["Exit", false],
]

const Table = ({ processes, desk }: { readonly processes: Props["processes"]; readonly desk: Desk }) => (
  <div class="table-scroll">
    <table role="table" aria-labelledby="processes-title">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(([name, isNumber]) => (
            <th key={name} role="columnheader" scope="col" class={isNumber ? "number" : ""}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {processes.map((process) => (
          <Row key={process.id} process={process} desk={desk} />
        ))}
      </tbody>
    </table>
  </div>
)

const Row = ({ process, desk: { page } }: { readonly process: ProcessAnswer; readonly desk: Desk }) => {
  const near = page.picture?.state.at ?? null
  const isChosen = page.place.view === "processes" && page.place.path[0] === process.id
  return (
    <tr role="row" class={`${isOver(process) ? "process-over" : ""} ${isChosen ? "process-chosen" : ""}`}>
      <th role="rowheader" scope="row" title={process.argv.join(" ")}>
        <a href={hashOf(placeAt("processes", process.id))}>{process.name}</a>
      </th>
      <Cell column={1}>
        <StatusWord process={process} />
      </Cell>
      <Cell column={2}>{process.pid ?? unknown}</Cell>
      <Cell column={3}>{percent(process.cpu_percent)}</Cell>
      <Cell column={4}>{bytes(process.resident_bytes)}</Cell>
      <Cell column={5}>{count(process.threads)}</Cell>
      <Cell column={6}>
        {isStuck(process.kernel_state) ? (
          <b class="stuck">{kernelState(process.kernel_state)}</b>
        ) : (
          kernelState(process.kernel_state)
        )}
      </Cell>
      <Cell column={7}>{process.started_at === null ? unknown : <Time at={process.started_at} near={near} />}</Cell>
      <Cell column={8}>{process.ended_at === null ? unknown : <Time at={process.ended_at} near={near} />}</Cell>
      <Cell column={9}>{process.reason ?? exit(process.exit_code, process.exit_signal)}</Cell>
    </tr>
  )
}

/** Cards leave out what is not known; the table keeps its dash. */
const Cell = ({ column, children }: { readonly column: number; readonly children: ComponentChildren }) => {
  const [name, isNumber] = columns[column] ?? ["", false]
  return (
    <td
      role="cell"
      data-column={name}
      class={`${isNumber ? "number" : ""} ${children === unknown ? "cell-unknown" : ""}`}
    >
      {children}
    </td>
  )
}
