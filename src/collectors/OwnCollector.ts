// A collector of users' own, as their module exports it.

export interface Numbers {
  readonly gauges?: Readonly<Record<string, number>>
  readonly counters?: Readonly<Record<string, number>>
  readonly labels?: Readonly<Record<string, string | number>>
}

type Lots = Numbers | ReadonlyArray<Numbers> | null

/** What a module exports. Several lots of numbers differ by their labels; null says that there is nothing to see. */
export interface OwnCollector {
  readonly name: string
  readonly intervalSeconds: number
  readonly collect: () => Lots | Promise<Lots>
}
