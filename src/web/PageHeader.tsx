// Whose log this is, where it comes from, and whether its agent answers.

import "./styles/header.css"
import type { StateAnswer } from "../wire/state.ts"
import { bytes, count } from "./format.ts"
import type { PageState } from "./PageState.ts"

export const PageHeader = ({ page }: { readonly page: PageState }) => (
  <header class="header">
    <h1 class="header-name">Annalist</h1>
    {page.log !== null && <Whose log={page.log} />}
    <p class={`header-link header-link-${linkOf(page).mood}`}>{linkOf(page).words}</p>
  </header>
)

const sources: Readonly<Record<StateAnswer["source"], string>> = {
  live: "live agent",
  file: "session file",
  directory: "data directory",
  replay: "replay",
}

const Whose = ({ log }: { readonly log: StateAnswer }) => (
  <>
    <p class="header-node">{log.node}</p>
    <p class="header-facts">
      {count(log.head.position)} {log.head.position === 1 ? "event" : "events"} · {bytes(log.log_bytes)}
    </p>
    {log.read_only && <p class="header-badge">{sources[log.source]}, read-only</p>}
  </>
)

const linkOf = (page: PageState): { readonly words: string; readonly mood: "good" | "past" | "lost" | "wait" } => {
  if (page.link._tag === "Connecting") return { words: "connecting", mood: "wait" }
  if (page.link._tag === "Disconnected") return { words: "disconnected", mood: "lost" }
  if (page.refusal !== null) return { words: "no such moment", mood: "lost" }
  if (page.wanted !== null) return { words: "in the past", mood: "past" }
  return page.log?.read_only ? { words: "at the end", mood: "good" } : { words: "live", mood: "good" }
}
