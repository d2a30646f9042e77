// Lists as Propeller's manager pages them: `?offset&limit`, and how many there are in all.

import type { Problem } from "../Problem.ts"
import { badRequest } from "../problems.ts"
import type { Answer, RouteRequest } from "../Route.ts"

const most = 100

export const pageParameters = [
  { name: "offset", description: "How many to pass over; default 0" },
  { name: "limit", description: `At most so many, 1 to ${most}; default ${most}` },
]

export const paged = <A>(
  { query }: RouteRequest,
  name: string,
  all: ReadonlyArray<A>,
  show: (one: A, index: number) => unknown,
): Answer | Problem => {
  const offset = wholeIn(query.get("offset") ?? "0")
  const limit = wholeIn(query.get("limit") ?? String(most))
  if (offset === null) return badRequest("offset is no whole number from 0 on")
  if (limit === null || limit < 1) return badRequest(`limit is no whole number from 1 to ${most}`)
  const shown = Math.min(limit, most)
  const page = all.slice(offset, offset + shown).map((one, index) => show(one, offset + index))
  return { status: 200, body: { offset, limit: shown, total: all.length, [name]: page } }
}

const wholeIn = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : null)
