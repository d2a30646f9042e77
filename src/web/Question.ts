// A question of a view: an address without its moment, and how long an answer about the present stays good.

import type { StateAnswer } from "../wire/state.ts"

export interface Question<A> {
  readonly url: string
  /** An answer is good at least so long. */
  readonly everyMillis: number
  /** And until an event of one of these types has happened; null is any. */
  readonly types: ReadonlyArray<string> | null
  /** Carries the type of the answer; never there. */
  readonly answer?: A
}

type Value = string | number | null | undefined

/** Parameters that are null are left out. */
export const question = <A>(
  path: string,
  params: Readonly<Record<string, Value>> = {},
  everyMillis = 1_000,
  types: ReadonlyArray<string> | null = null,
): Question<A> => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value))
  }
  const text = query.toString()
  return { url: text === "" ? path : `${path}?${text}`, everyMillis, types }
}

/** Whether something has happened since that an answer would tell; a replay that went back tells everything anew. */
export const isStale = ({ types }: Question<unknown>, since: number, { position, last }: StateAnswer): boolean => {
  if (types === null || position < since) return position !== since
  return types.some((type) => (last[type] ?? 0) > since)
}
