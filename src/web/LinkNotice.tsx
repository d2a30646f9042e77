// Says that the agent does not answer, since when, and what is shown meanwhile.

import { clockIn } from "./format.ts"
import type { PageState } from "./PageState.ts"

export const LinkNotice = ({ page }: { readonly page: PageState }) => {
  if (page.link._tag !== "Disconnected") return null
  const since = clockIn().time(page.link.sinceMillis)
  return (
    <p class="notice" role="alert">
      <strong>{page.picture === null ? "The agent does not answer." : `No answer since ${since}.`}</strong>{" "}
      {page.link.reason}; trying again.
      {page.picture !== null && " What you see is the last picture."}
    </p>
  )
}
