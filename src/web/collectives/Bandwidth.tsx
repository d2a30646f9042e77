// How fast operations of each kind and size went, against the same kind's own past; and which source lines cost time.

import type { StatisticsAnswer } from "../../wire/verdict.ts"
import type { Outcome } from "../answers.ts"
import { bytes, count, decimal, unknown } from "../format.ts"
import { Unread } from "../Unread.tsx"
import { micros } from "./scale.ts"

type Statistics = typeof StatisticsAnswer.Type
interface Props {
  readonly answer: Outcome<Statistics> | undefined
}

const shown = 40

export const Bandwidth = ({ answer }: Props) => {
  if (answer?._tag !== "Answered") return <Unread name="Bandwidth" outcome={answer} />
  const groups = answer.value.groups.toSorted(
    (one, other) => one.op.localeCompare(other.op) || (one.log2_bytes ?? -1) - (other.log2_bytes ?? -1),
  )
  const most = Math.max(1e-9, ...groups.map(({ bus_gb_per_second: { p95 } }) => p95 ?? 0))
  return (
    <section class="panel bandwidth" aria-labelledby="bandwidth-title">
      <div class="panel-head">
        <h2 id="bandwidth-title" class="panel-title">
          Speed by kind and size
        </h2>
        <span class="panel-count">
          the middle of each group's own past, and its best and worst twentieth; within{" "}
          {decimal(100 * answer.value.relative_error)} %
        </span>
      </div>
      {answer.value.regressions.map((one) => (
        <p key={one.communicator} class="notice">
          <strong>Slower than before:</strong> an iteration of {one.operations_per_iteration} operations took{" "}
          {micros(one.before_micros)} and now takes {micros(one.now_micros)}.
        </p>
      ))}
      {groups.length === 0 ? (
        <p class="hint">No operation has been finished by all its ranks yet.</p>
      ) : (
        <div class="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Operation</th>
                <th scope="col" class="number">
                  Size
                </th>
                <th scope="col" class="number">
                  Count
                </th>
                <th scope="col" class="number">
                  Transfer p50
                </th>
                <th scope="col" class="number">
                  p99
                </th>
                <th scope="col" class="number">
                  Skew p50
                </th>
                <th scope="col" class="number">
                  Bus GB/s p50
                </th>
                <th scope="col" class="bar-column" />
                <th scope="col" class="number">
                  Outliers
                </th>
              </tr>
            </thead>
            <tbody>
              {groups.slice(0, shown).map((group) => (
                <tr key={`${group.op} ${group.algorithm} ${group.data_type} ${group.log2_bytes}`}>
                  <th scope="row">
                    {group.op}{" "}
                    <span class="faint">
                      {group.algorithm} {group.data_type}
                    </span>
                  </th>
                  <td class="number">{group.log2_bytes === null ? unknown : `≥ ${bytes(2 ** group.log2_bytes)}`}</td>
                  <td class="number">{count(group.count)}</td>
                  <td class="number">{micros(group.transfer_micros.p50)}</td>
                  <td class="number">{micros(group.transfer_micros.p99)}</td>
                  <td class="number">{micros(group.skew_micros.p50)}</td>
                  <td class="number">{speed(group.bus_gb_per_second.p50)}</td>
                  <td class="bar-column">
                    <span
                      class="bar bar-move"
                      style={{ width: `${(100 * (group.bus_gb_per_second.p50 ?? 0)) / most}%` }}
                    />
                  </td>
                  <td class="number">{group.outliers === 0 ? unknown : count(group.outliers)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

/** Small messages are slow by nature: three figures, wherever the point is. */
const speed = (value: number | null): string => (value === null ? unknown : value.toPrecision(3))

export const Losses = ({ answer }: Props) => {
  if (answer?._tag !== "Answered") return <Unread name="Where time is lost" outcome={answer} />
  const { lost_by_file: files, lost_by_host: hosts } = answer.value
  return (
    <section class="panel" aria-labelledby="losses-title">
      <div class="panel-head">
        <h2 id="losses-title" class="panel-title">
          Where time is lost
        </h2>
      </div>
      {files.length === 0 ? (
        <p class="hint">Nobody has waited for anybody yet.</p>
      ) : (
        <>
          <LossTable title="Source line" rows={files} />
          {hosts.length > 1 && <LossTable title="Host that came last" rows={hosts} />}
        </>
      )}
    </section>
  )
}

const LossTable = ({ title, rows }: { readonly title: string; readonly rows: Statistics["lost_by_file"] }) => {
  const most = Math.max(1e-9, ...rows.map(({ seconds_lost }) => seconds_lost))
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" class="number">
            Waited for
          </th>
          <th scope="col" class="bar-column" />
        </tr>
      </thead>
      <tbody>
        {rows
          .toSorted((one, other) => other.seconds_lost - one.seconds_lost)
          .slice(0, 16)
          .map(({ name, seconds_lost }) => (
            <tr key={name}>
              <th scope="row" class="mono loss-name">
                {name}
              </th>
              <td class="number">{micros(seconds_lost * 1e6)}</td>
              <td class="bar-column">
                <span class="bar bar-wait" style={{ width: `${(100 * seconds_lost) / most}%` }} />
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}
