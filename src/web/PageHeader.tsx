// Whose log this is, the views and how each stands, and whether the agent answers.

import type { StateAnswer } from "../wire/state.ts"
import { bytes, count } from "./format.ts"
import { Icon } from "./Icon.tsx"
import type { PageState } from "./PageState.ts"
import { hashOf, placeAt } from "./Place.ts"
import { wordOf } from "./verdictWords.ts"
import { views } from "./views.ts"

export const PageHeader = ({ page }: { readonly page: PageState }) => (
  <header class="header">
    <h1 class="header-name">
      <img src="icon.svg" alt="" width="20" height="20" /> Annalist
    </h1>
    <nav class="tabs" aria-label="Views">
      {views.map(({ name, title }) => (
        <a
          key={name}
          href={hashOf(placeAt(name))}
          aria-current={page.place.view === name ? "page" : undefined}
          class={name === "collectives" && page.presentVerdict !== null ? toneClass(page.presentVerdict.verdict) : ""}
        >
          {title}
          {name === "collectives" && page.presentVerdict !== null && <VerdictMark kind={page.presentVerdict.verdict} />}
        </a>
      ))}
    </nav>
    <div class="header-facts">
      {page.log !== null && <Whose log={page.log} />}
      <p class={`header-link header-link-${linkOf(page).mood}`}>{linkOf(page).words}</p>
    </div>
  </header>
)

const toneClass = (kind: string): string => `tone-${wordOf(kind).tone}`

/** Only trouble is worth a mark beside a word that is always there. */
const VerdictMark = ({ kind }: { readonly kind: string }) => {
  const { word, tone } = wordOf(kind)
  return tone === "bad" || tone === "warn" ? (
    <>
      <Icon tone={tone} />
      <span class="heard">: {word}</span>
    </>
  ) : null
}

const sources: Readonly<Record<StateAnswer["source"], string>> = {
  live: "live agent",
  file: "session file",
  directory: "data directory",
  replay: "replay",
}

const Whose = ({ log }: { readonly log: StateAnswer }) => (
  <>
    <p class="header-node truncate" title={log.node}>
      {log.node}
    </p>
    <p class="header-size">
      {count(log.head.position)} {log.head.position === 1 ? "event" : "events"}, {bytes(log.log_bytes)}
    </p>
    {log.read_only && (
      <p class="header-badge" data-short="read-only">
        {sources[log.source]}, read-only
      </p>
    )}
  </>
)

const linkOf = (page: PageState): { readonly words: string; readonly mood: "good" | "past" | "lost" | "wait" } => {
  if (page.link._tag === "Connecting") return { words: "connecting", mood: "wait" }
  if (page.link._tag === "Disconnected") return { words: "disconnected", mood: "lost" }
  if (page.link._tag === "NotAllowed") return { words: "not allowed", mood: "lost" }
  if (page.refusal !== null) return { words: "no such moment", mood: "lost" }
  if (page.wanted !== null) return { words: "in the past", mood: "past" }
  if (page.log?.source === "replay") return { words: "replaying", mood: "good" }
  return page.log?.read_only ? { words: "at the end", mood: "good" } : { words: "live", mood: "good" }
}
