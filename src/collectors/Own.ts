// Collectors of users' own, loaded from their modules: plain objects whose look gives numbers by name.

import { readdirSync, statSync } from "node:fs"
import { extname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect, Option } from "effect"
import type { Measure, MeasuresTaken } from "../domain/events/MeasureEvents.ts"
import { type Collector, CollectorError, type Seen } from "./Collector.ts"
import type { Numbers, OwnCollector } from "./OwnCollector.ts"

const endings = new Set([".js", ".mjs", ".cjs"])
const measuresMost = 10_000

/** Of files as they are named, and of all modules in folders. A module that cannot be loaded fails the start: it was asked for. */
export const load = (
  places: ReadonlyArray<string>,
): Effect.Effect<ReadonlyArray<Collector<Seen<MeasuresTaken>>>, CollectorError> =>
  Effect.forEach(places, filesOf).pipe(
    Effect.flatMap((files) => Effect.forEach(files.flat(), definitionsIn)),
    Effect.map((found) => found.flat().map(collectorOf)),
    Effect.filterOrFail(
      (all) => new Set(all.map(({ name }) => name)).size === all.length,
      () => new CollectorError({ reason: "two collectors of your own have the same name" }),
    ),
  )

const filesOf = (place: string): Effect.Effect<ReadonlyArray<string>, CollectorError> =>
  Effect.try({
    try: () => {
      const path = resolve(place)
      if (!statSync(path).isDirectory()) return [path]
      const names = readdirSync(path).filter((name) => endings.has(extname(name)))
      return names.sort((left, right) => (left < right ? -1 : 1)).map((name) => join(path, name))
    },
    catch: (error) => new CollectorError({ reason: `collector module ${place}: ${messageOf(error)}` }),
  })

const definitionsIn = (file: string): Effect.Effect<ReadonlyArray<OwnCollector>, CollectorError> =>
  Effect.tryPromise({
    try: async () => {
      const exports: unknown = await import(pathToFileURL(file).href)
      const found = Object.values(exports as Readonly<Record<string, unknown>>).filter(isDefinition)
      if (found.length === 0) throw new Error("it exports no collector: { name, intervalSeconds, collect() }")
      return Array.from(new Set(found))
    },
    catch: (error) => new CollectorError({ reason: `collector module ${file}: ${messageOf(error)}` }),
  })

const isDefinition = (value: unknown): value is OwnCollector =>
  typeof value === "object" &&
  value !== null &&
  "name" in value &&
  typeof value.name === "string" &&
  /^[\w-]{1,60}$/.test(value.name) &&
  "intervalSeconds" in value &&
  typeof value.intervalSeconds === "number" &&
  "collect" in value &&
  typeof value.collect === "function"

const collectorOf = (own: OwnCollector): Collector<Seen<MeasuresTaken>> => ({
  name: `own:${own.name}`,
  intervalMillis: own.intervalSeconds * 1000,
  collect: Effect.tryPromise({
    try: async () => Option.map(Option.fromNullable(await own.collect()), observationOf),
    catch: (error) => new CollectorError({ reason: messageOf(error) }),
  }),
})

const observationOf = (lots: Numbers | ReadonlyArray<Numbers>): Seen<MeasuresTaken> => {
  const measures = (isMany(lots) ? lots : [lots]).flatMap(({ gauges, counters, labels }) =>
    measuresOf("gauge", gauges, labels).concat(measuresOf("counter", counters, labels)),
  )
  if (measures.length > measuresMost)
    throw new Error(`${measures.length} numbers at once; ${measuresMost} are the most`)
  return { _tag: "MeasuresTaken", measures }
}

const isMany = (lots: Numbers | ReadonlyArray<Numbers>): lots is ReadonlyArray<Numbers> => Array.isArray(lots)

const measuresOf = (
  kind: Measure["kind"],
  values: Readonly<Record<string, number>> = {},
  labels: Readonly<Record<string, string | number>> = {},
): Array<Measure> =>
  Object.entries(values).map(([name, value]) => {
    if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`${name} is ${String(value)}, no number`)
    return {
      name,
      kind,
      labels: Object.fromEntries(Object.entries(labels).map(([key, of]) => [key, String(of)])),
      value,
    }
  })

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
