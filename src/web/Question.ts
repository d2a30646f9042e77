// A question of a view: an address without its moment, and how long an answer about the present stays good.

export interface Question<A> {
  readonly url: string
  readonly everyMillis: number
  /** Carries the type of the answer; never there. */
  readonly answer?: A
}

type Value = string | number | null | undefined

/** Parameters that are null are left out. */
export const question = <A>(
  path: string,
  params: Readonly<Record<string, Value>> = {},
  everyMillis = 1_000,
): Question<A> => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value))
  }
  const text = query.toString()
  return { url: text === "" ? path : `${path}?${text}`, everyMillis }
}
