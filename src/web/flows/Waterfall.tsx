// The trace of a job as a waterfall: a bar a call, from its beginning to its end, with what it emitted on the way.

import type { Desk } from "../Desk.ts"
import { callsOf } from "./calls.ts"
import { MomentLink } from "../MomentLink.tsx"
import { micros } from "../collectives/scale.ts"
import type { TraceEntry } from "./questions.ts"

const shown = 80

export const Waterfall = ({
  entries,
  now,
  desk,
}: {
  readonly entries: ReadonlyArray<TraceEntry>
  readonly now: number
  readonly desk: Desk
}) => {
  const calls = callsOf(entries)
  const last = calls.slice(-shown)
  const from = Math.min(...last.map(({ start }) => start))
  const to = Math.max(...last.map(({ end }) => end ?? now), from + 1)
  const share = (at: number) => `${(100 * (at - from)) / (to - from)}%`
  if (calls.length === 0)
    return <p class="hint">No step was recorded: the job has made none, or nobody monitored it.</p>
  return (
    <div class="waterfall">
      <p class="faint">
        {calls.length > shown
          ? `The last ${shown} of ${calls.length} calls`
          : `${calls.length} ${calls.length === 1 ? "call" : "calls"}`}
        , {micros(to - from)}
      </p>
      <ol>
        {last.map((one) => (
          <li key={one.call}>
            <MomentLink at={String(one.position)} choose={desk.choose} label={`Call ${one.call} of ${one.routine}`}>
              {one.routine}
            </MomentLink>
            <span class="waterfall-slot truncate">{one.slot}</span>
            <span class="waterfall-lane">
              <span
                class={`waterfall-bar waterfall-${one.status}`}
                style={{
                  left: share(one.start),
                  width: `${Math.max(0.3, (100 * ((one.end ?? now) - one.start)) / (to - from))}%`,
                }}
              />
              {one.emissions.map(({ at, event }) => (
                <i key={`${event} ${at}`} title={event} style={{ left: share(at) }} />
              ))}
            </span>
            <span class="number">{one.end === null ? "runs" : micros(one.end - one.start)}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}
