// The whole page: time above everything, and the chosen view at the one moment that it says.

import "./styles/shell.css"
import type { Desk } from "./Desk.ts"
import { extentOf } from "./extent.ts"
import { Keys } from "./Keys.tsx"
import { LinkNotice } from "./LinkNotice.tsx"
import { PageHeader } from "./PageHeader.tsx"
import { isBehind, type PageState } from "./PageState.ts"
import { TimeBar } from "./TimeBar.tsx"
import { viewOf } from "./views.ts"

interface Props {
  readonly desk: Desk
  readonly useToken: (token: string) => void
}

export const Page = ({ desk, useToken }: Props) => {
  const { page } = desk
  const extent = extentOf(page.log)
  const { Body } = viewOf(page.place.view)
  return (
    <div class={page.wanted === null ? "page" : "page page-past"}>
      <a class="skip" href="#view" onClick={toView}>
        Skip to the view
      </a>
      <div class="top">
        <PageHeader page={page} />
        {extent !== null && <TimeBar desk={desk} extent={extent} />}
      </div>
      <LinkNotice page={page} useToken={useToken} />
      <p class="heard" role="status">
        {page.announcement.text}
      </p>
      <main id="view" tabIndex={-1} class={mood(page)} aria-busy={isBehind(page)}>
        {page.picture === null || page.refusal !== null ? <Waiting page={page} /> : <Body desk={desk} />}
      </main>
      <footer class="footer">
        <span>
          <a href="docs">API</a>, <a href="openapi.json">OpenAPI</a>
        </span>
        {page.log !== null && <span>log {page.log.log_id}</span>}
        <button type="button" onClick={() => document.querySelector<HTMLDialogElement>("#keys")?.showModal()}>
          Keys (?)
        </button>
      </footer>
      <Keys page={page} />
    </div>
  )
}

/** The part of the address behind "#" names the view: a plain link there would lead to another one. */
const toView = (event: Event) => {
  event.preventDefault()
  document.querySelector<HTMLElement>("#view")?.focus()
}

const mood = (page: PageState): string => {
  if (page.link._tag === "Disconnected" || page.link._tag === "NotAllowed") return "views views-stale"
  return isBehind(page) ? "views views-behind" : "views"
}

const Waiting = ({ page }: { readonly page: PageState }) => {
  if (page.refusal !== null) {
    return (
      <p class="panel hint">
        Nothing to show{page.wanted === null ? `: ${page.refusal}` : " at this moment; choose another one."}
      </p>
    )
  }
  if (page.link._tag === "NotAllowed") return null
  const words = page.link._tag === "Disconnected" ? "Waiting for the agent …" : "Loading …"
  return <p class="panel loading">{words}</p>
}
