// The picture of a flow: its routines, coloured by how they stand in the chosen job; a click sets a breakpoint or takes it away.

import type { FlowAnswer, JobMetrics, JobState } from "./questions.ts"
import type { Breakpoint } from "./questions.ts"
import { layoutOf, type Node } from "./layout.ts"

interface Props {
  readonly flow: FlowAnswer
  readonly state: JobState | null
  readonly metrics: JobMetrics | null
  readonly breakpoints: ReadonlyArray<Breakpoint>
  /** Null where none may be set. */
  readonly toggle: ((routine: string) => void) | null
}

const wide = 176
const high = 62
const gapX = 84
const gapY = 26

const placeOf = ({ column, row }: Node) => ({ x: column * (wide + gapX), y: row * (high + gapY) })

export const FlowGraph = (props: Props) => {
  const { flow } = props
  const nodes = layoutOf(flow)
  const byName = new Map(nodes.map((node) => [node.routine, placeOf(node)]))
  const width = Math.max(...nodes.map((node) => placeOf(node).x + wide), wide)
  const height = Math.max(...nodes.map((node) => placeOf(node).y + high), high)
  return (
    <div class="flow-scroll" tabIndex={0} role="group" aria-label={`Flow ${flow.flow_id}`}>
      <div class="flow-graph" style={{ width: `${width}px`, height: `${height + 24}px` }}>
        <svg width={width} height={height + 24} aria-hidden="true">
          <defs>
            <marker id="flow-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0L8 4L0 8Z" />
            </marker>
          </defs>
          {flow.connections.map((one) => {
            const [from, to] = [byName.get(one.source_routine), byName.get(one.target_routine)]
            if (from === undefined || to === undefined) return null
            const [x1, y1, x2, y2] = [from.x + wide, from.y + high / 2, to.x - 2, to.y + high / 2]
            const bend = x2 > x1 ? (x2 - x1) / 2 : 60
            const path =
              x2 > x1
                ? `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
                : `M${x1} ${y1}C${x1 + bend} ${height + 40} ${x2 - bend} ${height + 40} ${x2} ${y2}`
            return (
              <g key={one.connection_id}>
                <path d={path} marker-end="url(#flow-arrow)" />
                {x2 > x1 && (
                  <text x={(x1 + x2) / 2} y={Math.min(y1, y2) + Math.abs(y2 - y1) / 2 - 6}>
                    {one.source_event.length > 13 ? `${one.source_event.slice(0, 12)}…` : one.source_event}
                  </text>
                )}
              </g>
            )
          })}
        </svg>
        {nodes.map((node) => (
          <RoutineBox key={node.routine} {...props} node={node} />
        ))}
      </div>
    </div>
  )
}

const RoutineBox = ({ flow, state, metrics, breakpoints, toggle, node }: Props & { readonly node: Node }) => {
  const { x, y } = placeOf(node)
  const name = node.routine
  const standing = state?.routine_states[name] ?? "none"
  const isHere = state?.paused?.at?.routine_id === name
  const set = breakpoints.filter((one) => one.routine_id === name)
  const tally = metrics?.routine_metrics[name]
  return (
    <div
      class={`routine routine-${standing} ${isHere ? "routine-here" : ""}`}
      style={{ left: `${x}px`, top: `${y}px` }}
    >
      <p class="routine-name truncate" title={flow.routines[name]?.class_name}>
        {name}
      </p>
      <p class="routine-facts truncate">
        {isHere ? "stands here" : standing === "none" ? (flow.routines[name]?.class_name ?? "") : standing}
        {tally !== undefined && tally.execution_count > 0 && `, ${tally.execution_count}×`}
        {tally !== undefined && tally.error_count > 0 && `, ${tally.error_count} failed`}
      </p>
      {toggle !== null && (
        <button
          type="button"
          class="routine-break"
          aria-pressed={set.length > 0}
          aria-label={`Breakpoint at ${name}`}
          title={set.length > 0 ? `Take the breakpoint away (${set[0]?.hit_count ?? 0} hits)` : "Stop the job here"}
          onClick={() => toggle(name)}
        />
      )}
    </div>
  )
}
