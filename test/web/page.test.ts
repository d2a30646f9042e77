// The built page in a real browser, over answers that are made to bring it into every state that it has.

import type { Browser } from "playwright-core"
import { afterAll, beforeAll, expect } from "vitest"
import { wants } from "../support/wants.ts"
import { launch, open, shoot, type Tab } from "./browser.ts"
import { empty, hostile, recorded } from "./recorded.ts"
import { stub, type Stub } from "./stub.ts"

wants("chromium").describe("the page in a browser", () => {
  let browser: Browser
  let agent: Stub
  beforeAll(async () => {
    browser = await launch()
    agent = await stub(recorded)
  })
  afterAll(async () => {
    await browser.close()
    await agent.close()
  })

  const visit = async (search: string, body: (tab: Tab) => Promise<void>, options = {}) => {
    const tab = await open(browser, `${agent.url}${search}`, options)
    try {
      await body(tab)
    } finally {
      await tab.close()
    }
  }

  const { it } = wants("chromium")

  it("shows the verdict, the processes and the host, live", () =>
    visit("", async ({ page, errors, strays }) => {
      await page.getByText("Missing rank").first().waitFor()
      expect(await page.locator(".verdict-sentence").textContent()).toContain("rank 2 (pid 4713, node-7) never entered")
      expect(await page.locator(".culprits tbody tr").allTextContents()).toEqual([
        "2pid 4713node-7stopped (T) for 95 s",
      ])
      const rows = page.locator(".processes tbody tr")
      expect(await rows.count()).toBe(4)
      expect(await rows.nth(2).textContent()).toContain("T stopped")
      expect(await rows.nth(3).textContent()).toContain("signal 9 (SIGKILL)")
      expect(await page.locator(".host").textContent()).toContain("24.0 GiB")
      expect(await page.getByRole("status").textContent()).toMatch(/^Missing rank: rank 2/)
      expect(await page.title()).toBe("Missing rank · node-7 · Annalist")
      await page.locator(".timebar-layers .tick-bad").waitFor({ state: "attached" })
      expect([errors, strays]).toEqual([[], []])
    }))

  it("shows names that are markup as the text that they are", () =>
    visit("", async ({ page, errors }) => {
      const name = page.locator(".processes tbody th").nth(3)
      await name.waitFor()
      expect(await name.textContent()).toBe(hostile)
      expect([await page.locator("main img").count(), errors]).toEqual([0, []])
    }))

  it("is a past moment when its address says one, in every request, and says so loudly", () =>
    visit("?at=2026-01-31T03:05:00.000Z", async ({ page, errors }) => {
      await page.locator(".verdict-word", { hasText: "Healthy" }).waitFor()
      const banner = page.locator(".timebar-past")
      expect(await banner.locator(".timebar-moment").textContent()).toBe(
        "The past: 15 min before now03:05:00Sat 31 Jan 2026 UTC, #500",
      )
      const mine = agent.asked.filter((one) => one.includes("03%3A05%3A00"))
      expect(new Set(mine.map((one) => one.split("?")[0]))).toEqual(
        new Set(["/v1/state", "/v1/ccl/verdict", "/v1/processes", "/metrics", "/v1/audit", "/v1/alerts"]),
      )
      await page.keyboard.press("l")
      await page.locator(".verdict-word", { hasText: "Missing rank" }).waitFor()
      expect(await banner.count()).toBe(0)
      await page.waitForURL(agent.url)
      await page.goBack()
      await banner.waitFor()
      expect(errors).toEqual([])
    }))

  it("goes through time by keyboard alone", () =>
    visit("", async ({ page, errors }) => {
      const bar = page.getByRole("slider", { name: "Moment shown" })
      await bar.waitFor()
      await page.keyboard.press("Tab")
      expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the view")
      for (let views = 0; views <= 5; views++) await page.keyboard.press("Tab")
      expect(await page.locator("input:focus-visible").count()).toBe(1)
      expect(await bar.getAttribute("aria-valuetext")).toBe("live, 03:20:00, Sat 31 Jan 2026")
      await page.keyboard.press("Shift+ArrowLeft")
      await page.waitForURL("**/?at=2026-01-31T03:19:50.000Z")
      expect(await bar.getAttribute("aria-valuetext")).toBe("past, 03:19:50, Sat 31 Jan 2026")
      await page.keyboard.press("Escape")
      await page.waitForURL(agent.url)
      await page.locator(".timebar-layers .tick-bad").waitFor({ state: "attached" })
      await page.keyboard.press("[")
      await page.waitForURL("**/?at=300")
      await page.getByText(`#300, ${hostile} exited (signal 9)`).waitFor()
      await page.keyboard.press("]")
      await page.waitForURL(agent.url)
      expect(errors).toEqual([])
    }))

  it("goes to the moment that is dragged to, and back", () =>
    visit("", async ({ page, errors }) => {
      const bar = page.getByRole("slider")
      await bar.waitFor()
      const box = await bar.boundingBox()
      if (box === null) throw new Error("the time bar has no place on the page")
      const middle = box.y + box.height / 2
      await page.mouse.move(box.x + box.width - 9, middle)
      await page.mouse.down()
      for (const share of [0.8, 0.6, 0.4, 0.25]) await page.mouse.move(box.x + box.width * share, middle)
      await page.getByText("The past:").waitFor()
      await page.mouse.up()
      await page.waitForURL(/\?at=2026-01-31T03:0[45]:/)
      await page.locator(".verdict-word", { hasText: "Healthy" }).waitFor()
      await page.getByRole("button", { name: "Back to live" }).click()
      await page.locator(".verdict-word", { hasText: "Missing rank" }).waitFor()
      expect(errors).toEqual([])
    }))

  it("links evidence to its moment", () =>
    visit("", async ({ page }) => {
      const link = page.getByTitle("Event at position 871")
      expect(await link.getAttribute("href")).toBe("?at=871")
      await link.click()
      await page.waitForURL("**/?at=871")
      await page.getByText("#871").first().waitFor()
    }))

  it("says why a moment cannot be shown, and the way out", () =>
    visit("?at=yesterday", async ({ page }) => {
      await page.getByRole("alert").waitFor()
      expect(await page.getByRole("alert").textContent()).toBe(
        'No such momentat is "yesterday"; it takes a position (4711)',
      )
      await shoot(page, "refused")
      await page.getByRole("button", { name: "Back to live" }).click()
      await page.locator(".verdict-word").waitFor()
    }))

  it("keeps the last picture, grey, while the agent is away, and recovers", () =>
    visit("", async ({ page }) => {
      await page.locator(".verdict-word").waitFor()
      agent.away = true
      await page.getByText(/No answer since \d\d:\d\d:\d\d\./).waitFor()
      expect(await page.locator(".views-stale .verdict-sentence").textContent()).toContain("never entered")
      await shoot(page, "disconnected")
      agent.away = false
      await page.locator(".views-stale").waitFor({ state: "detached" })
    }))

  it("that finds no agent at all says so, and loads once there is one", async () => {
    const late = await stub(() => undefined)
    late.answering = (path, ...asked) => (path === "/v1/state" ? { status: 503, body: {} } : recorded(path, ...asked))
    const tab = await open(browser, late.url)
    await tab.page.getByText("The agent does not answer.").waitFor()
    late.answering = recorded
    await tab.page.locator(".verdict-word").waitFor()
    await tab.close()
    await late.close()
  })

  it("of an empty log says how to fill it, and which view cannot be read", async () => {
    const idle = await stub(empty)
    const tab = await open(browser, idle.url)
    await tab.page.getByText("No process yet. This boots one:").waitFor()
    expect(await tab.page.locator(".processes code").textContent()).toContain(`curl -X POST ${idle.url}start`)
    await tab.page.getByText("Not readable: No sample has been taken yet.").waitFor()
    await tab.page.locator(".verdict-word", { hasText: "Cannot tell" }).waitFor()
    await shoot(tab.page, "empty")
    await tab.close()
    await idle.close()
  })

  it("of a file says that it is one and cannot be written", async () => {
    const file = await stub((path, ...asked) => {
      const reply = recorded(path, ...asked)
      return path === "/v1/state" && reply !== undefined
        ? { body: { ...(reply.body as object), source: "file", read_only: true } }
        : reply
    })
    const tab = await open(browser, `${file.url}?at=500`)
    await tab.page.getByText("session file, read-only").waitFor()
    await tab.page.getByRole("button", { name: "To the end" }).waitFor()
    await tab.close()
    await file.close()
  })

  for (const colorScheme of ["light", "dark"] as const) {
    it(`fits every screen without scrolling sideways, ${colorScheme}`, () =>
      visit(
        "?at=2026-01-31T03:15:00.000Z",
        async ({ page }) => {
          for (const width of [360, 800, 1280]) {
            await page.setViewportSize({ width, height: 760 })
            await page.locator(".verdict-word").waitFor()
            expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width)
            await shoot(page, `${colorScheme}-${width}`)
            await page.keyboard.press("l")
          }
        },
        { colorScheme },
      ))
  }
})
