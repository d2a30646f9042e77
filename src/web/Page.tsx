// The whole page: time above everything, and every view at the one moment that it says.

import "./styles/base.css"
import type { Outcome } from "./answers.ts"
import type { Choose } from "./Choose.ts"
import { extentOf } from "./extent.ts"
import { HostPanel } from "./HostPanel.tsx"
import { LinkNotice } from "./LinkNotice.tsx"
import { PageHeader } from "./PageHeader.tsx"
import { isBehind, type PageState, type Picture } from "./PageState.ts"
import { PastBanner } from "./PastBanner.tsx"
import { ProcessTable } from "./ProcessTable.tsx"
import { TimeBar } from "./TimeBar.tsx"
import { VerdictPanel } from "./VerdictPanel.tsx"

interface Props {
  readonly page: PageState
  readonly choose: Choose
}

export const Page = ({ page, choose }: Props) => {
  const extent = extentOf(page.log)
  return (
    <div class={page.wanted === null ? "page" : "page page-past"}>
      <a class="skip" href="#verdict">
        Skip to the verdict
      </a>
      <PageHeader page={page} />
      {extent !== null && <TimeBar page={page} extent={extent} choose={choose} />}
      <PastBanner page={page} choose={choose} />
      <LinkNotice page={page} />
      <p class="heard" role="status">
        {page.announcement.text}
      </p>
      <main class={mood(page)} aria-busy={isBehind(page)}>
        {page.picture === null || page.refusal !== null ? (
          <Waiting page={page} />
        ) : (
          <Views picture={page.picture} choose={choose} />
        )}
      </main>
      <footer class="footer">
        <a href="docs">API</a> · <a href="openapi.json">OpenAPI</a>
        {page.log !== null && <> · log {page.log.log_id}</>}
      </footer>
    </div>
  )
}

const mood = (page: PageState): string => {
  if (page.link._tag === "Disconnected") return "views views-stale"
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
  return <p class="panel hint">{page.link._tag === "Disconnected" ? "Waiting for the agent …" : "Loading …"}</p>
}

const Views = ({ picture, choose }: { readonly picture: Picture; readonly choose: Choose }) => (
  <>
    {picture.verdict._tag === "Answered" ? (
      <VerdictPanel verdict={picture.verdict.value} choose={choose} />
    ) : (
      <Unread name="Collectives" outcome={picture.verdict} />
    )}
    {picture.metrics._tag === "Answered" ? (
      <HostPanel answer={picture.metrics.value} />
    ) : (
      <Unread name="Host" outcome={picture.metrics} />
    )}
    {picture.processes._tag === "Answered" ? (
      <ProcessTable processes={picture.processes.value.processes} state={picture.state} isPast={picture.at !== null} />
    ) : (
      <Unread name="Processes" outcome={picture.processes} />
    )}
  </>
)

/** One view that cannot be read does not take the others with it. */
const Unread = ({ name, outcome }: { readonly name: string; readonly outcome: Outcome<unknown> }) => (
  <section class="panel" aria-label={name}>
    <h2 class="panel-title">{name}</h2>
    <p class="hint">
      Not readable: {outcome._tag === "Refused" ? outcome.detail : outcome._tag === "Unreachable" ? outcome.reason : ""}
    </p>
  </section>
)
