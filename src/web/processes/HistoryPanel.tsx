// Processor and memory of a process over the last hours, beside those of others if one likes.

import type { HistoryAnswer, ProcessListAnswer } from "../../wire/monitor.ts"
import type { Desk } from "../Desk.ts"
import { bytes, percent } from "../format.ts"
import { answerTo } from "../PageState.ts"
import { hashOf, type Place, withQuery } from "../Place.ts"
import { type Question, question } from "../Question.ts"
import { Why } from "../Unread.tsx"
import { Plot, type Series } from "./Plot.tsx"

const windows = [1, 6, 24, 48]
const mostCompared = 5

const hoursOf = (place: Place): number => windows.find((hours) => String(hours) === place.query["hours"]) ?? 1

const comparedOf = (place: Place): ReadonlyArray<number> =>
  (place.query["with"] ?? "")
    .split(",")
    .map(Number)
    .filter((pid) => pid > 0)
    .slice(0, mostCompared)

const historyAsked = (pid: number, hours: number) =>
  question<HistoryAnswer>(`api/processes/${pid}/history`, { hours }, 5_000)
const othersAsked: Question<ProcessListAnswer> = question("api/processes", { limit: 30 }, 15_000)

export const historiesAsked = (place: Place, pid: number): ReadonlyArray<Question<unknown>> => [
  ...[pid, ...comparedOf(place)].map((one) => historyAsked(one, hoursOf(place))),
  othersAsked,
]

export const HistoryPanel = ({
  desk,
  pid,
  name,
}: {
  readonly desk: Desk
  readonly pid: number
  readonly name: string
}) => {
  const { place, picture } = desk.page
  const hours = hoursOf(place)
  const others = answerTo(picture, othersAsked)
  const known = others?._tag === "Answered" ? others.value.processes : []
  const nameOf = (one: number) => (one === pid ? name : (known.find((each) => each.pid === one)?.name ?? "pid"))
  const all = [pid, ...comparedOf(place)]
  const histories = all.map((one) => ({ pid: one, answer: answerTo(picture, historyAsked(one, hours)) }))
  const series = (value: (point: HistoryAnswer["history"][number]) => number): ReadonlyArray<Series> =>
    histories.flatMap(({ pid: one, answer }) =>
      answer?._tag === "Answered"
        ? [
            {
              name: `${nameOf(one)} ${one}`,
              points: answer.value.history.map((point) => [Date.parse(point.timestamp) / 1000, value(point)] as const),
            },
          ]
        : [],
    )
  const mine = histories[0]?.answer
  return (
    <div class="history">
      <div class="toolbar">
        <h3 class="panel-title">History</h3>
        <div class="segments">
          {windows.map((each) => (
            <a
              key={each}
              href={hashOf(withQuery(place, { hours: String(each) }))}
              aria-current={each === hours ? "true" : undefined}
            >
              {each} h
            </a>
          ))}
        </div>
        <label>
          Beside it
          <select
            value=""
            onChange={(event) =>
              desk.go(withQuery(place, { with: [...comparedOf(place), event.currentTarget.value].join(",") }))
            }
          >
            <option value="">choose …</option>
            {known
              .filter((each) => !all.includes(each.pid))
              .map((each) => (
                <option key={each.pid} value={each.pid}>
                  {each.name} {each.pid}
                </option>
              ))}
          </select>
        </label>
        {comparedOf(place).length > 0 && <a href={hashOf(withQuery(place, { with: "" }))}>Alone</a>}
      </div>
      {mine?._tag !== "Answered" ? (
        <Why outcome={mine} />
      ) : mine.value.history.length < 2 ? (
        <p class="hint">{mine.value.message ?? "Fewer than two samples in this window: nothing to draw yet."}</p>
      ) : (
        <div class="plots">
          <Plot title="CPU" series={series((point) => point.cpu_percent)} say={percent} choose={desk.choose} />
          <Plot
            title="Memory"
            series={series((point) => point.memory_mb * 1024 * 1024)}
            say={bytes}
            choose={desk.choose}
          />
        </div>
      )}
    </div>
  )
}
