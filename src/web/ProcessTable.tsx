// The managed processes. On a narrow screen each row becomes a card; explicit roles keep it a table for who listens.

import "./styles/processes.css"
import type { ComponentChildren } from "preact"
import type { ProcessAnswer, StateAnswer } from "../wire/state.ts"
import { bytes, count, exit, isStuck, kernelState, percent, unknown } from "./format.ts"
import { Time } from "./Time.tsx"

interface Props {
  readonly processes: ReadonlyArray<ProcessAnswer>
  readonly state: StateAnswer
  readonly isPast: boolean
}

export const ProcessTable = ({ processes, state, isPast }: Props) => (
  <section class="panel processes" aria-labelledby="processes-title">
    <h2 id="processes-title" class="panel-title">
      Processes{" "}
      {processes.length > 0 && (
        <span class="panel-count">
          {count(state.processes.running)} running of {count(state.processes.total)}
        </span>
      )}
    </h2>
    {processes.length === 0 ? (
      <NoProcess state={state} isPast={isPast} />
    ) : (
      <Table processes={processes} state={state} />
    )}
  </section>
)

const NoProcess = ({ state, isPast }: Omit<Props, "processes">) => {
  if (isPast) return <p class="hint">At this moment no process had been booted.</p>
  if (state.read_only) return <p class="hint">This session holds no managed process.</p>
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

const statusWords: Readonly<Record<ProcessAnswer["status"], string>> = {
  booting: "booting",
  boot_failed: "boot failed",
  running: "running",
  stopping: "stopping",
  exited: "exited",
  stopped: "stopped",
}

const isOver = (process: ProcessAnswer): boolean =>
  process.status === "exited" || process.status === "stopped" || process.status === "boot_failed"

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

const Table = ({ processes, state }: Omit<Props, "isPast">) => (
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
        <Row key={process.id} process={process} near={state.at} />
      ))}
    </tbody>
  </table>
)

const Row = ({ process, near }: { readonly process: ProcessAnswer; readonly near: string | null }) => (
  <tr role="row" class={isOver(process) ? "process-over" : ""}>
    <th role="rowheader" scope="row" title={process.argv.join(" ")}>
      {process.name}
    </th>
    <Cell column={1}>
      <span class={`status status-${process.status}`}>{statusWords[process.status] ?? process.status}</span>
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
