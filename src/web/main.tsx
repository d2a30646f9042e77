// Starts the page in the browser: its state, its feed, its keys and its address. All that is impure meets here.

import { render } from "preact"
import { isStep, momentOf, searchOf } from "./address.ts"
import { agentAt } from "./answers.ts"
import type { Choose } from "./Choose.ts"
import * as Feed from "./Feed.ts"
import { meaningOf } from "./keys.ts"
import { Page } from "./Page.tsx"
import { initial, reduce, type Action } from "./PageState.ts"
import { titleOf } from "./title.ts"

/** Browsers refuse an address that changes many times a second; it follows once the hand rests. */
const addressMillis = 150

const main = (root: HTMLElement): void => {
  let page = initial(momentOf(location.search), Date.now())
  let addressTimer = 0

  const draw = () => {
    document.title = titleOf(page)
    render(<Page page={page} choose={choose} />, root)
  }
  const dispatch = (action: Action) => {
    const next = reduce(page, action)
    if (next === page) return
    page = next
    draw()
  }
  const writeAddress = () => {
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
  const feed = Feed.start({
    agent: agentAt(document.baseURI, (url, init) => fetch(url, { ...init, cache: "no-store" })),
    page: () => page,
    dispatch,
    nowMillis: () => Date.now(),
    later: (millis, run) => {
      const timer = window.setTimeout(run, millis)
      return () => clearTimeout(timer)
    },
    isVisible: () => document.visibilityState === "visible",
  })

  window.addEventListener("popstate", () => {
    clearTimeout(addressTimer)
    dispatch({ _tag: "MomentChosen", at: momentOf(location.search) })
    feed.wake()
  })
  document.addEventListener("visibilitychange", feed.wake)
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return
    const at = meaningOf(page, event)
    if (at === undefined) return
    event.preventDefault()
    choose(at)
  })
  draw()
}

const root = document.querySelector<HTMLElement>("#page")
if (root !== null) main(root)
