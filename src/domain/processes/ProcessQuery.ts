// Which processes somebody means: by id, by name, by user, by session. Any one of them is enough; asked for nothing, nothing is meant.

import { Either } from "effect"
import type { ManagedProcess, Processes } from "./Processes.ts"
import * as Pattern from "./Pattern.ts"

export interface ProcessQuery {
  readonly ids: ReadonlyArray<string>
  /** Regular expressions, found anywhere in a name. */
  readonly names: ReadonlyArray<string>
  /** "" for any. */
  readonly user: string
  readonly session: string
}

/** A name in the query is no regular expression that can be matched. */
export class QueryRefused {
  readonly _tag = "QueryRefused"
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

const namesMost = 1_000

export const isEmpty = ({ ids, names, user, session }: ProcessQuery): boolean =>
  ids.length === 0 && names.length === 0 && user === "" && session === ""

/** In the order in which they were first booted. */
export const matches = (
  state: Processes,
  query: ProcessQuery,
): Either.Either<ReadonlyArray<ManagedProcess>, QueryRefused> =>
  Either.map(patternsOf(query.names), (patterns) => {
    const ids = new Set<string>(query.ids)
    return Array.from(state.byId.values()).filter(
      ({ id, spec }) =>
        ids.has(id) ||
        (query.user !== "" && spec.user === query.user) ||
        (query.session !== "" && spec.session === query.session) ||
        patterns.some((pattern) => pattern.found(spec.name)),
    )
  })

const patternsOf = (names: ReadonlyArray<string>): Either.Either<ReadonlyArray<Pattern.Pattern>, QueryRefused> => {
  if (names.length > namesMost) return Either.left(new QueryRefused(`a query holds ${namesMost} names at most`))
  return Either.mapLeft(
    Either.all(
      names.map((name) =>
        Either.mapLeft(Pattern.make(name), ({ reason }) => `${JSON.stringify(name.slice(0, 100))}: ${reason}`),
      ),
    ),
    (reason) => new QueryRefused(`a name is no regular expression that can be matched: ${reason}`),
  )
}
