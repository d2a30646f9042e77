// Who loses how much: each rank with how often it came last, and what that cost the others.

import type { RanksAnswer } from "../../wire/verdict.ts"
import type { Outcome } from "../answers.ts"
import type { Desk } from "../Desk.ts"
import { decimal, percent, unknown } from "../format.ts"
import { MomentLink } from "../MomentLink.tsx"
import { Unread } from "../Unread.tsx"
import { micros } from "./scale.ts"

type Rank = (typeof RanksAnswer.Type)["ranks"][number]

interface Props {
  readonly answer: Outcome<typeof RanksAnswer.Type> | undefined
  readonly desk: Desk
}

const shown = 64

export const Ranks = ({ answer, desk }: Props) => {
  if (answer?._tag !== "Answered") return <Unread name="Ranks" outcome={answer} />
  const ranks = answer.value.ranks.toSorted(
    (one, other) => other.seconds_lost - one.seconds_lost || one.rank - other.rank,
  )
  const most = Math.max(1e-9, ...ranks.map(({ seconds_lost }) => seconds_lost))
  return (
    <section class="panel ranks" aria-labelledby="ranks-title">
      <div class="panel-head">
        <h2 id="ranks-title" class="panel-title">
          Who costs the others time
        </h2>
        <span class="panel-count">{ranks.length} ranks, the costliest first</span>
      </div>
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Rank</th>
              <th scope="col">Process</th>
              <th scope="col" class="number">
                Came last
              </th>
              <th scope="col" class="number">
                Cost the others
              </th>
              <th scope="col" class="bar-column" />
              <th scope="col" class="number">
                Between operations
              </th>
              <th scope="col" class="number">
                Clock
              </th>
              <th scope="col">Latest</th>
            </tr>
          </thead>
          <tbody>
            {ranks.slice(0, shown).map((rank) => (
              <Row key={rank.rank} rank={rank} most={most} desk={desk} />
            ))}
          </tbody>
        </table>
      </div>
      {ranks.length > shown && <p class="hint">and {ranks.length - shown} more that cost less</p>}
    </section>
  )
}

const Row = ({ rank, most, desk }: { readonly rank: Rank; readonly most: number; readonly desk: Desk }) => (
  <tr>
    <th scope="row" class="nowrap">
      {rank.rank}
      {rank.straggler && (
        <span class="straggler" title={`straggler score ${decimal(rank.straggler_score)}`}>
          {" "}
          straggler
        </span>
      )}
    </th>
    <td class="nowrap">
      {rank.pid === null ? unknown : `pid ${rank.pid}`} <span class="faint">{rank.host}</span>
    </td>
    <td class="number">
      {rank.arrived_last} <span class="faint">{percent(rank.arrived_last_percent)}</span>
    </td>
    <td class="number">{micros(rank.seconds_lost * 1e6)}</td>
    <td class="bar-column">
      <span class="bar bar-wait" style={{ width: `${(100 * rank.seconds_lost) / most}%` }} />
    </td>
    <td class="number">{micros(rank.median_gap_micros)}</td>
    <td class="number">{clockOf(rank)}</td>
    <td>
      <MomentLink at={String(rank.last_position)} choose={desk.choose} label={`Latest record of rank ${rank.rank}`}>
        #{rank.last_position}
      </MomentLink>
    </td>
  </tr>
)

const clockOf = (rank: Rank): string => {
  if (rank.clock_uncertainty_micros === null) return unknown
  const drift = rank.clock_drift_ppm === null ? "" : `, ${rank.clock_drift_ppm.toFixed(1)} ppm`
  return `± ${micros(rank.clock_uncertainty_micros)}${drift}`
}
