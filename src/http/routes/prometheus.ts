// Numbers as Prometheus reads them: the text form, one gauge a line.

export interface Gauge {
  readonly name: string
  readonly help: string
  readonly labels?: Readonly<Record<string, string>>
  /** Nothing is written for what is not known. */
  readonly value: number | null
}

export const textType = "text/plain; version=0.0.4; charset=utf-8"

export const text = (gauges: ReadonlyArray<Gauge>): string => {
  let lines = ""
  for (const { name, help, labels, value } of gauges) {
    if (value === null) continue
    lines += `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} gauge\n`
    lines += `${name}${labelText(labels)} ${value}\n`
  }
  return lines
}

const labelText = (labels: Readonly<Record<string, string>> | undefined): string => {
  const pairs = Object.entries(labels ?? {}).map(
    ([name, value]) => `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`,
  )
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}
