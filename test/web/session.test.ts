// The page as the real program serves it, over the recorded session of four ranks of which one falls silent.

import { join } from "node:path"
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, expect } from "vitest"
import type { ProcessesAnswer, StateAnswer } from "../../src/wire/state.ts"
import type { VerdictAnswer } from "../../src/wire/verdict.ts"
import { root, serve, type Running } from "../program.ts"
import { wants } from "../support/wants.ts"
import { launch, open, shoot } from "./browser.ts"

const session = join(root, "fixtures", "sessions", "four-ranks-hang.ndjson")

wants("chromium").describe("the page over a recorded session", () => {
  const { it } = wants("chromium")
  let browser: Browser
  let program: Running
  beforeAll(async () => {
    program = await serve(["open", session, "--port", "0"])
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await program?.stop()
  })

  const ask = async <A>(path: string): Promise<A> => (await fetch(new URL(path, program.ready.http))).json() as A

  /** The page leaves the name of the run out of the sentence. */
  const said = ({ sentence, communicator }: VerdictAnswer) => sentence.replaceAll(`${communicator?.run_id}/`, "")

  it("says what the program says, at the end of the session", async () => {
    const { page, errors, strays, close } = await open(browser, program.ready.http)
    const verdict = await ask<VerdictAnswer>("/v1/ccl/verdict")
    const { processes } = await ask<ProcessesAnswer>("/v1/processes")
    await page.locator(".verdict-word", { hasText: "Missing rank" }).waitFor()
    expect(await page.locator(".verdict-sentence").textContent()).toBe(said(verdict))
    expect(await page.locator(".culprits tbody th").allTextContents()).toEqual(
      verdict.culprits.map((culprit) => String(culprit.rank)),
    )
    expect(await page.locator(".processes tbody th").allTextContents()).toEqual(processes.map((one) => one.name))
    expect(await page.locator(".figure").count()).toBe(4)
    await page.getByText("session file, read-only").waitFor()
    await page.locator(".timebar-layers .tick-start").first().waitFor({ state: "attached" })
    await shoot(page, "session")
    expect([errors, strays]).toEqual([[], []])
    await close()
  })

  it("shows a past moment from its address as the program answers it, and goes back by one key", async () => {
    const { first, head } = await ask<StateAnswer>("/v1/state")
    const at = String(Math.round((first.position + head.position) / 3))
    const then = await ask<VerdictAnswer>(`/v1/ccl/verdict?at=${at}`)
    const { page, errors, strays, close } = await open(browser, `${program.ready.http}?at=${at}`)
    await page.getByText("The past:").waitFor()
    expect(await page.locator(".verdict-sentence").textContent()).toBe(said(then))
    await shoot(page, "session-past")
    await page.keyboard.press("Escape")
    const end = await ask<VerdictAnswer>("/v1/ccl/verdict")
    await page.getByText(said(end)).last().waitFor()
    expect(await page.getByText("The past:").count()).toBe(0)
    expect([errors, strays]).toEqual([[], []])
    await close()
  })

  it("reaches the first event and every mark by keyboard", async () => {
    const { page, errors, close } = await open(browser, program.ready.http)
    const bar = page.getByRole("slider")
    await bar.waitFor()
    await bar.focus()
    await page.keyboard.press("Home")
    await page.waitForURL(/\?at=\d+$/)
    await page.getByText("The past:").waitFor()
    await page.keyboard.press("]")
    await page
      .getByText(/ booted|agent started/)
      .first()
      .waitFor()
    await page.keyboard.press("End")
    await page.getByText("The past:").waitFor({ state: "detached" })
    expect(errors).toEqual([])
    await close()
  })
})
