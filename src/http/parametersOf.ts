// The query parameters that a route takes: its own, and the moment that every question about state takes.

import type { Route } from "./Route.ts"

export interface Parameter {
  readonly name: string
  readonly description: string
}

/** For a route that looks up its view itself; a Query takes it without saying so. */
export const momentParameter: Parameter = {
  name: "at",
  description: "A past moment: position, ISO 8601 time, or span back such as -10m",
}

export const parametersOf = (route: Route): ReadonlyArray<Parameter> => [
  ...(route.parameters ?? []),
  ...(route._tag === "Query" ? [momentParameter] : []),
]
