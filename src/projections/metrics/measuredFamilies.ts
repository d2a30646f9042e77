// What collectors and processes measured, under names and in units that Prometheus expects.

import type { MeasureSeries } from "../../domain/samples/Measures.ts"
import { custom } from "../../domain/samples/Measures.ts"
import { measures } from "../measures.ts"
import type { View } from "../Views.ts"
import type { Family, Sample } from "./Family.ts"

/** The latest of so many series; a process that has not told of itself for so long is not told of either. */
const mostSeries = 2000
const silentMicros = 300e6

interface Unit {
  readonly from: string
  readonly to: string
  readonly by: number
}
const units: ReadonlyArray<Unit> = [
  { from: "_micros", to: "_seconds", by: 1e-6 },
  { from: "_millis", to: "_seconds", by: 1e-3 },
  { from: "_ticks", to: "_seconds", by: 0.01 },
  { from: "_percent", to: "_ratio", by: 0.01 },
]

export const measuredFamilies = (view: View): ReadonlyArray<Family> => {
  const families = new Map<string, Family & { readonly samples: Array<Sample> }>()
  const all = Array.from(view.state(measures).values()).filter(
    ({ collector, at }) => collector !== custom || view.at - at <= silentMicros,
  )
  for (const series of all.slice(-mostSeries)) {
    const { name, by } = nameOf(series)
    const type = series.measure.kind
    const known = families.get(name)
    // One name is of one kind; who says otherwise second is not told.
    if (known !== undefined && known.type !== type) continue
    const found = known ?? { name, type, help: `Measured by ${series.collector}.`, samples: [] }
    found.samples.push({ labels: labelsOf(series), value: series.last.value * by })
    families.set(name, found)
  }
  return Array.from(families.values())
}

/** What processes tell keeps the name that they gave it; what has a unit that is no base unit is told in that. */
const nameOf = ({ collector, measure }: MeasureSeries): { readonly name: string; readonly by: number } => {
  const sound = measure.name.replaceAll(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_")
  const bare = measure.kind === "counter" ? sound.replace(/_total$/, "") : sound
  if (collector === custom) return { name: bare.startsWith("annalist_") ? `custom_${bare}` : bare, by: 1 }
  const unit = units.find(({ from }) => bare.endsWith(from))
  const told = unit === undefined ? bare : `${bare.slice(0, -unit.from.length)}${unit.to}`
  return { name: `annalist_${told}`, by: unit?.by ?? 1 }
}

const labelsOf = ({ measure }: MeasureSeries): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(measure.labels).map(([name, value]) => [
      name.replaceAll(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d|__)/, "x"),
      value,
    ]),
  )
