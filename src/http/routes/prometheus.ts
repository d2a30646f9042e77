// Numbers as others read them: Prometheus's text, OpenMetrics, InfluxDB's line protocol.

import { type Family, known, sampleName } from "../../projections/metrics/Family.ts"

export const textType = "text/plain; version=0.0.4; charset=utf-8"
export const openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8"
export const influxType = "text/plain; charset=utf-8"

export const text = (families: ReadonlyArray<Family>): string => written(families, (family) => sampleName(family))

/** The same but for a counter's name, which the family has without its suffix, and for the end. */
export const openMetrics = (families: ReadonlyArray<Family>): string =>
  `${written(families, ({ name }) => name)}# EOF\n`

/** `at` is in microseconds. */
export const influx = (families: ReadonlyArray<Family>, at: number): string => {
  let lines = ""
  for (const family of families) {
    for (const { labels, value } of known(family)) {
      const tags = Object.entries(labels ?? {})
        .filter(([, one]) => one !== "")
        .map(([name, one]) => `,${influxEscaped(name)}=${influxEscaped(one)}`)
      lines += `${sampleName(family)}${tags.join("")} value=${value} ${at}000\n`
    }
  }
  return lines
}

const written = (families: ReadonlyArray<Family>, nameOf: (family: Family) => string): string => {
  let lines = ""
  for (const family of families) {
    const samples = known(family)
    if (samples.length === 0) continue
    const name = nameOf(family)
    lines += `# HELP ${name} ${escaped(family.help)}\n# TYPE ${name} ${family.type}\n`
    for (const { labels, value } of samples) lines += `${sampleName(family)}${labelText(labels)} ${value}\n`
  }
  return lines
}

const labelText = (labels: Readonly<Record<string, string>> | undefined): string => {
  const pairs = Object.entries(labels ?? {}).map(
    ([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`,
  )
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")

const influxEscaped = (text: string): string => text.replaceAll("\n", " ").replaceAll(/[\\,= ]/g, "\\$&")
