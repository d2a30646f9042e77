// The host in one line: how busy, how full, how loaded.

import "../styles/host.css"
import type { ComponentChildren } from "preact"
import type { MetricsAnswer } from "../../wire/agent.ts"
import { bytes, count, decimal, duration, percent } from "../format.ts"

export const HostPanel = ({ answer }: { readonly answer: MetricsAnswer }) => {
  const { metrics } = answer
  return (
    <section class="panel host" aria-labelledby="host-title">
      <div class="panel-head">
        <h2 id="host-title" class="panel-title">
          Host
        </h2>
      </div>
      {metrics.system_cpu_usage === null && metrics.system_memory_used_bytes === null ? (
        <p class="hint">No sample of the host yet.</p>
      ) : (
        <Figures answer={answer} />
      )}
    </section>
  )
}

const Figures = ({ answer }: { readonly answer: MetricsAnswer }) => {
  const { metrics, derived_metrics: derived } = answer
  const loads = [metrics.system_load_average_1m, metrics.system_load_average_5m, metrics.system_load_average_15m]
  return (
    <dl class="host-figures">
      <Figure name="CPU" value={percent(metrics.system_cpu_usage)} share={metrics.system_cpu_usage}>
        {metrics.cpu_threads !== null && `${count(metrics.cpu_threads)} threads`}
      </Figure>
      <Figure name="Memory" value={bytes(metrics.system_memory_used_bytes)} share={derived.memory_usage_percent}>
        of {bytes(metrics.system_memory_total_bytes)}
      </Figure>
      <Figure name="Load" value={decimal(loads[0] ?? null)}>
        {decimal(loads[1] ?? null)} · {decimal(loads[2] ?? null)}
      </Figure>
      <Figure name="Up" value={duration(metrics.system_uptime_secs)}>
        {metrics.total_processes !== null && `${count(metrics.total_processes)} processes`}
      </Figure>
    </dl>
  )
}

interface FigureProps {
  readonly name: string
  readonly value: string
  /** 0–100, drawn as a bar. */
  readonly share?: number | null
  readonly children?: ComponentChildren
}

const Figure = ({ name, value, share, children }: FigureProps) => (
  <div class="figure">
    <dt>{name}</dt>
    <dd>
      <span class="figure-value">{value}</span> <span class="figure-aside">{children}</span>
      {share !== undefined && share !== null && (
        <span class="figure-bar" aria-hidden="true">
          <span style={{ width: `${Math.min(100, Math.max(0, share))}%` }} />
        </span>
      )}
    </dd>
  </div>
)
