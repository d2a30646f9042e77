// The operations in view that cost the most waiting, and everything about the one that is chosen.

import type { Desk } from "../Desk.ts"
import { bytes, unknown } from "../format.ts"
import { MomentLink } from "../MomentLink.tsx"
import { micros } from "./scale.ts"
import type { OperationAnswer, Tracks } from "./tracks.ts"
import type { Window } from "./windows.ts"

interface Props {
  readonly desk: Desk
  readonly tracks: Tracks
  readonly window: Window
  readonly chosen: number
  readonly choose: (operation: number) => void
}

const shown = 6

const waitOf = (one: OperationAnswer, now: number): number =>
  one.end_micros === null ? now - (one.start_micros ?? now) : Math.max(0, ...one.waits_micros.map((wait) => wait ?? 0))

export const OperationFacts = ({ desk, tracks, window, chosen, choose }: Props) => {
  if (tracks.slice > 0) {
    return (
      <p class="hint">
        Zoomed out, slices are shown: the height is the share of time in operations and in waiting. Zoom in for the
        operations themselves.
      </p>
    )
  }
  const inView = tracks.operations
    .map((one, index) => ({ one, index, wait: waitOf(one, tracks.to) }))
    .filter(({ one }) => (one.start_micros ?? 0) < window.to && (one.end_micros ?? tracks.to) > window.from)
  const worst = inView.toSorted((one, other) => other.wait - one.wait).slice(0, shown)
  const chosenOne = inView.find(({ index }) => index === chosen)
  const rows = chosenOne === undefined || worst.includes(chosenOne) ? worst : [chosenOne, ...worst.slice(0, shown - 1)]
  return (
    <div class="table-scroll">
      <table class="timeline-table">
        <caption>
          {inView.length === 0 ? "No operation in view" : `The longest waits of ${inView.length} operations in view`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Operation</th>
            <th scope="col">Source</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col" class="number">
              Longest wait
            </th>
            <th scope="col" class="number">
              Transfer
            </th>
            <th scope="col">Last to come</th>
            <th scope="col" class="number">
              Bus GB/s
            </th>
            <th scope="col">Moment</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ one, index, wait }) => (
            <tr key={index} class={index === chosen ? "row-chosen" : ""}>
              <th scope="row">
                <button
                  type="button"
                  class="button-plain"
                  aria-pressed={index === chosen}
                  onClick={() => choose(index === chosen ? -1 : index)}
                >
                  {one.op}
                  {one.ordinal === null ? "" : ` #${one.ordinal}`}
                </button>
              </th>
              <td class="mono">{one.filename}</td>
              <td class="number">{bytes(one.bytes)}</td>
              <td class="number">
                {micros(wait)}
                {one.end_micros === null && " so far"}
              </td>
              <td class="number">{micros(one.transfer_micros)}</td>
              <td>{lastOf(one)}</td>
              <td class="number">{one.bus_gb_per_second_of_transfer?.toPrecision(3) ?? unknown}</td>
              <td>
                <MomentLink
                  at={String(one.first_position)}
                  choose={desk.choose}
                  label={`Beginning of ${one.op} ${one.ordinal ?? ""}`}
                >
                  #{one.first_position}
                </MomentLink>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const lastOf = (one: OperationAnswer): string => {
  if (one.remote_rank !== null) return `with rank ${one.remote_rank}`
  if (one.last_rank === null) return one.end_micros === null ? "not all came" : unknown
  return `rank ${one.last_rank}${one.clocks_disagree ? " (clocks disagree)" : ""}`
}
