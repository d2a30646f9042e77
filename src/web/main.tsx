// Starts the page in the browser: its state, its feed, its keys and its address. All that is impure meets here.

import "./styles/tokens.css"
import "./styles/base.css"
import { render } from "preact"
import { isStep, momentOf, searchOf } from "./address.ts"
import { agentAt } from "./answers.ts"
import type { Choose } from "./Choose.ts"
import type { Desk } from "./Desk.ts"
import * as Feed from "./Feed.ts"
import { meaningOf } from "./keys.ts"
import { Page } from "./Page.tsx"
import { initial, reduce, type Action } from "./PageState.ts"
import { hashOf, placeAt, placeOf } from "./Place.ts"
import { verdictAsked } from "./questions.ts"
import { replayAsked } from "./Replay.tsx"
import { remembering } from "./remembered.ts"
import { titleOf } from "./title.ts"
import { viewOf } from "./views.ts"

/** Browsers refuse an address that changes many times a second; it follows once the hand rests. */
const addressMillis = 150
const tokenName = "annalist-token"

const main = (root: HTMLElement): void => {
  let page = initial(momentOf(location.search), Date.now(), placeOf(location.hash))
  let addressTimer = 0

  const agent = remembering(
    agentAt(
      document.baseURI,
      (url, init) => fetch(url, { ...init, cache: "no-store" }),
      () => sessionStorage.getItem(tokenName),
    ),
    () => page.log?.log_id ?? null,
  )
  const dispatch = (action: Action) => {
    const next = reduce(page, action)
    if (next === page) return
    page = next
    draw()
  }
  const writeAddress = () => {
    clearTimeout(addressTimer)
    addressTimer = 0
    const before = momentOf(location.search)
    if (before === page.wanted) return
    const address = `${location.pathname}${searchOf(location.search, page.wanted)}${location.hash}`
    if (isStep(before, page.wanted)) history.pushState(null, "", address)
    else history.replaceState(null, "", address)
  }
  const choose: Choose = (at) => {
    dispatch({ _tag: "MomentChosen", at })
    clearTimeout(addressTimer)
    addressTimer = window.setTimeout(writeAddress, addressMillis)
    feed.wake()
  }
  const go: Desk["go"] = (place) => {
    location.hash = hashOf(place)
  }
  const act: Desk["act"] = async (method, url, body) => {
    const outcome = await agent.act(method, url, body)
    feed.refresh()
    return outcome
  }
  const useToken = (token: string) => {
    sessionStorage.setItem(tokenName, token)
    feed.refresh()
  }
  const draw = () => {
    document.title = titleOf(page)
    render(<Page desk={{ page, choose, go, agent, act }} useToken={useToken} />, root)
  }
  const feed = Feed.start({
    agent,
    page: () => page,
    questions: () => [
      verdictAsked,
      ...(page.log?.source === "replay" ? [replayAsked] : []),
      ...viewOf(page.place.view).questions(page),
    ],
    dispatch,
    nowMillis: () => Date.now(),
    later: (millis, run) => {
      const timer = window.setTimeout(run, millis)
      return () => clearTimeout(timer)
    },
    isVisible: () => document.visibilityState === "visible",
  })

  const readAddress = () => {
    // A link followed while the address still waits keeps the moment that was chosen before it.
    if (addressTimer !== 0) writeAddress()
    dispatch({ _tag: "MomentChosen", at: momentOf(location.search) })
    dispatch({ _tag: "PlaceChosen", place: placeOf(location.hash) })
    feed.wake()
  }
  window.addEventListener("popstate", readAddress)
  window.addEventListener("hashchange", readAddress)
  document.addEventListener("visibilitychange", feed.wake)
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isTyping(event.target)) return
    const meaning = meaningOf(page, event)
    if (meaning === undefined) return
    event.preventDefault()
    switch (meaning._tag) {
      case "Moment":
        return choose(meaning.at)
      case "View":
        return go(placeAt(meaning.view))
      case "Filter":
        return document.querySelector<HTMLInputElement>("[data-filter]")?.focus()
      case "Play":
        return document.querySelector<HTMLButtonElement>("[data-play]")?.click()
      case "Help":
        return document.querySelector<HTMLDialogElement>("#keys")?.showModal()
    }
  })
  draw()
}

/** Keys mean letters there. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox"))

const root = document.querySelector<HTMLElement>("#page")
if (root !== null) main(root)
