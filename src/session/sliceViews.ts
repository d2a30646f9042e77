// The views of a slice: what was carried along from before its beginning explains it, and is no record of that time.

import { Effect } from "effect"
import type { Moment } from "../domain/Moment.ts"
import { MomentUnknown, type Views } from "../projections/Views.ts"

/** Moments before `from` are refused, as they are before the beginning of any log. */
export const sliceViews = (views: Views["Type"], from: number): Views["Type"] => {
  if (from <= 1) return views
  const early = () => new MomentUnknown({ reason: `this session begins at position ${from}` })
  return {
    ...views,
    at: (moment: Moment) =>
      moment._tag === "AtPosition" && moment.position < from ? Effect.fail(early()) : views.at(moment),
  }
}
