// What each rank sent to each other: a square a pair, by bytes or by what it kept the other waiting.

import { useState } from "preact/hooks"
import type { MatrixAnswer } from "../../wire/verdict.ts"
import type { Outcome } from "../answers.ts"
import { bytes, count } from "../format.ts"
import { Unread } from "../Unread.tsx"
import { micros } from "./scale.ts"

type Pair = (typeof MatrixAnswer.Type)["pairs"][number]

const measures = {
  bytes: { title: "Bytes", of: (pair: Pair) => pair.bytes, say: bytes },
  latency: {
    title: "Waiting",
    of: (pair: Pair) => pair.late_sender_seconds + pair.late_receiver_seconds,
    say: (value: number) => micros(value * 1e6),
  },
  messages: { title: "Messages", of: (pair: Pair) => Math.max(pair.sends, pair.receives), say: count },
} as const
type Measure = keyof typeof measures
const isMeasure = (name: string): name is Measure => Object.hasOwn(measures, name)

/** Wider than this a table is no picture any more. */
const mostRanks = 64

export const Matrix = ({ answer }: { readonly answer: Outcome<typeof MatrixAnswer.Type> | undefined }) => {
  const [name, setName] = useState<Measure>("bytes")
  if (answer?._tag !== "Answered") return <Unread name="Point to point" outcome={answer} />
  const { pairs } = answer.value
  const all = [...new Set(pairs.flatMap(({ from, to }) => [from, to]))].sort((one, other) => one - other)
  return (
    <section class="panel" aria-labelledby="matrix-title">
      <div class="panel-head">
        <h2 id="matrix-title" class="panel-title">
          Point to point
        </h2>
        {pairs.length > 0 && (
          <div class="segments panel-aside">
            {Object.entries(measures).map(([key, { title }]) => (
              <button
                key={key}
                type="button"
                aria-pressed={key === name}
                onClick={() => isMeasure(key) && setName(key)}
              >
                {title}
              </button>
            ))}
          </div>
        )}
      </div>
      {pairs.length === 0 ? (
        <p class="hint">No send or receive was reported.</p>
      ) : all.length > mostRanks ? (
        <Busiest pairs={pairs} name={name} />
      ) : (
        <Grid all={all} pairs={pairs} name={name} />
      )}
    </section>
  )
}

interface GridProps {
  readonly all: ReadonlyArray<number>
  readonly pairs: ReadonlyArray<Pair>
  readonly name: Measure
}

const Grid = ({ all, pairs, name }: GridProps) => {
  const { of, say } = measures[name]
  const most = Math.max(1e-9, ...pairs.map(of))
  const byPair = new Map(pairs.map((pair) => [`${pair.from} ${pair.to}`, pair]))
  const isWide = all.length > 12
  return (
    <div class="table-scroll">
      <table class={`matrix ${isWide ? "matrix-small" : ""}`}>
        <caption>From the rank of the row to the rank of the column</caption>
        <thead>
          <tr>
            <td />
            {all.map((rank) => (
              <th key={rank} scope="col">
                {rank}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.map((from) => (
            <tr key={from}>
              <th scope="row">{from}</th>
              {all.map((to) => {
                const pair = byPair.get(`${from} ${to}`)
                const value = pair === undefined ? 0 : of(pair)
                const strength = `${Math.round((100 * value) / most)}%`
                return (
                  <td
                    key={to}
                    title={pair === undefined ? undefined : wordsOf(pair)}
                    style={{ "--strength": strength }}
                  >
                    {pair === undefined ? "" : isWide ? <span class="heard">{say(value)}</span> : say(value)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const wordsOf = (pair: Pair): string =>
  `${pair.from} to ${pair.to}: ${count(pair.sends)} sends, ${count(pair.receives)} receives, ${bytes(pair.bytes)}; ` +
  `late sender ${micros(pair.late_sender_seconds * 1e6)}, late receiver ${micros(pair.late_receiver_seconds * 1e6)}` +
  (pair.ambiguous > 0 ? `; ${pair.ambiguous} could not be told apart` : "")

const shown = 20

const Busiest = ({ pairs, name }: Omit<GridProps, "all">) => (
  <ol>
    {pairs
      .toSorted((one, other) => measures[name].of(other) - measures[name].of(one))
      .slice(0, shown)
      .map((pair) => (
        <li key={`${pair.from} ${pair.to}`}>{wordsOf(pair)}</li>
      ))}
  </ol>
)
