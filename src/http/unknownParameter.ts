// A misspelt parameter must not be taken for a question about the present: `?att=-1h` would show now as the past.

import { parametersOf } from "./parametersOf.ts"
import type { Problem } from "./Problem.ts"
import { badRequest } from "./problems.ts"
import type { Route } from "./Route.ts"

/** Null when the route knows every name. The five systems' own routes, and the page, take anything: their clients may send more than they mean. */
export const unknownParameter = (route: Route, search: string): Problem | null => {
  if (!route.path.startsWith("/v1/")) return null
  const known = parametersOf(route).map(({ name }) => name)
  for (const name of new URLSearchParams(search).keys()) {
    if (known.includes(name)) continue
    const takes = known.length === 0 ? "none" : known.join(", ")
    return badRequest(
      `${JSON.stringify(name.slice(0, 40))} is no parameter of ${route.method} ${route.path}; it takes ${takes}`,
      "unknown-parameter",
    )
  }
  return null
}
