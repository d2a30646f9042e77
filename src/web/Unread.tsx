// What stands in a view's place while its answer is on its way, or cannot be had.

import type { Outcome } from "./answers.ts"

interface Props {
  readonly name: string
  readonly outcome: Outcome<unknown> | undefined
}

/** One view that cannot be read does not take the others with it. */
export const Unread = ({ name, outcome }: Props) => (
  <section class="panel" aria-label={name}>
    <div class="panel-head">
      <h2 class="panel-title">{name}</h2>
    </div>
    <Why outcome={outcome} />
  </section>
)

export const Why = ({ outcome }: { readonly outcome: Outcome<unknown> | undefined }) => {
  if (outcome === undefined) return <p class="loading">Loading …</p>
  if (outcome._tag === "Answered") return null
  const reason = outcome._tag === "Refused" ? outcome.detail : outcome.reason
  return <p class="hint">Not readable: {reason}</p>
}
