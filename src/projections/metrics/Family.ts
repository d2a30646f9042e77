// Numbers of one name, as Prometheus and OpenTelemetry group them.

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  /** Nothing is written for what is not known. */
  readonly value: number | null
}

export interface Family {
  /** With its unit, and without the `_total` of a counter. */
  readonly name: string
  readonly type: "gauge" | "counter"
  readonly help: string
  readonly samples: ReadonlyArray<Sample>
}

/** What can be told of it. */
export const known = ({ samples }: Family): ReadonlyArray<Sample & { readonly value: number }> =>
  samples.flatMap(({ value, labels }) =>
    value !== null && Number.isFinite(value) ? [{ value, ...(labels === undefined ? {} : { labels }) }] : [],
  )

export const sampleName = ({ name, type }: Family): string => (type === "counter" ? `${name}_total` : name)
