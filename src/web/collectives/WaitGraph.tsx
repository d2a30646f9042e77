// Who waits for whom now: ranks on a circle, an arrow from each that waits to each that has not come.

import type { WaitsAnswer } from "../../wire/verdict.ts"
import type { Outcome } from "../answers.ts"
import type { Desk } from "../Desk.ts"
import { duration, ranks } from "../format.ts"
import { MomentLink } from "../MomentLink.tsx"
import { Unread } from "../Unread.tsx"

type Wait = (typeof WaitsAnswer.Type)["waits"][number]

interface Props {
  readonly answer: Outcome<typeof WaitsAnswer.Type> | undefined
  readonly desk: Desk
}

/** More than this a circle cannot hold so that one could read it. */
const mostDrawn = 32
const radius = 74

export const WaitGraph = ({ answer, desk }: Props) => {
  if (answer?._tag !== "Answered") return <Unread name="Who waits for whom" outcome={answer} />
  const { waits } = answer.value
  const all = [...new Set(waits.flatMap(({ rank, waits_for }) => [rank, ...waits_for]))].sort(
    (one, other) => one - other,
  )
  return (
    <section class="panel waits" aria-labelledby="waits-title">
      <div class="panel-head">
        <h2 id="waits-title" class="panel-title">
          Who waits for whom
        </h2>
        <span class="panel-count">{waits.length > 0 && `${waits.length} in an operation`}</span>
      </div>
      {waits.length === 0 ? (
        <p class="hint">Nobody is in an operation.</p>
      ) : (
        <div class="waits-body">
          {all.length <= mostDrawn && all.length > 1 && <Circle all={all} waits={waits} />}
          <WaitList waits={waits} desk={desk} />
        </div>
      )}
    </section>
  )
}

const Circle = ({ all, waits }: { readonly all: ReadonlyArray<number>; readonly waits: ReadonlyArray<Wait> }) => {
  const place = (rank: number) => {
    const angle = (2 * Math.PI * all.indexOf(rank)) / all.length - Math.PI / 2
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) }
  }
  const waitedFor = new Set(waits.flatMap(({ waits_for }) => waits_for))
  return (
    <svg
      class="waits-graph"
      viewBox="-100 -100 200 200"
      role="img"
      aria-label="Ranks with arrows to those they wait for; the list tells the same"
    >
      <defs>
        <marker
          id="arrow"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto-start-reverse"
        >
          <path d="M0 0L8 4L0 8Z" />
        </marker>
      </defs>
      {waits.flatMap((wait) =>
        wait.waits_for.map((target) => {
          const [from, to] = [place(wait.rank), place(target)]
          const length = Math.hypot(to.x - from.x, to.y - from.y)
          const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length]
          return (
            <line
              key={`${wait.rank}-${target}`}
              x1={from.x + dx * 13}
              y1={from.y + dy * 13}
              x2={to.x - dx * 15}
              y2={to.y - dy * 15}
              marker-end="url(#arrow)"
            />
          )
        }),
      )}
      {all.map((rank) => (
        <g
          key={rank}
          class={waitedFor.has(rank) ? "waits-cause" : ""}
          transform={`translate(${place(rank).x} ${place(rank).y})`}
        >
          <circle r="12" />
          <text dy="4">{rank}</text>
        </g>
      ))}
    </svg>
  )
}

const shown = 16

const WaitList = ({ waits, desk }: { readonly waits: ReadonlyArray<Wait>; readonly desk: Desk }) => (
  <ul class="waits-list">
    {waits.slice(0, shown).map((wait) => (
      <li key={`${wait.rank}-${wait.position}`}>
        <b>Rank {wait.rank}</b> in{" "}
        <MomentLink
          at={String(wait.position)}
          choose={desk.choose}
          label={`Where rank ${wait.rank} entered ${wait.op}`}
        >
          {wait.op}
          {wait.ordinal === null ? "" : ` #${wait.ordinal}`}
        </MomentLink>{" "}
        for {duration(wait.age_seconds)}
        {wait.waits_for.length > 0 ? `, waits for rank ${ranks(wait.waits_for)}` : ", all have come"}{" "}
        <span class="faint">{wait.filename}</span>
      </li>
    ))}
    {waits.length > shown && <li class="faint">and {waits.length - shown} more</li>}
  </ul>
)
