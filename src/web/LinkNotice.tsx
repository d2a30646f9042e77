// Says that the agent does not answer, since when, and what is shown meanwhile; or that it lets nobody look without a token.

import { useState } from "preact/hooks"
import { clockIn } from "./format.ts"
import type { PageState } from "./PageState.ts"

interface Props {
  readonly page: PageState
  readonly useToken: (token: string) => void
}

export const LinkNotice = ({ page, useToken }: Props) => {
  if (page.link._tag === "NotAllowed") return <NotAllowed reason={page.link.reason} useToken={useToken} />
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

const NotAllowed = ({ reason, useToken }: { readonly reason: string; readonly useToken: Props["useToken"] }) => {
  const [token, setToken] = useState("")
  const submit = (event: Event) => {
    event.preventDefault()
    if (token !== "") useToken(token)
  }
  return (
    <form class="notice toolbar" onSubmit={submit}>
      <p role="alert">
        <strong>Not allowed.</strong> {reason}
      </p>
      <label>
        Token{" "}
        <input
          type="password"
          autocomplete="off"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button class="button-firm">Look</button>
      <span class="faint">It is kept until this tab is closed.</span>
    </form>
  )
}
