// Every view as the real program serves it: a recorded job that hangs, at its end and before, and a live agent.

import { chmod, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Browser, BrowserContextOptions } from "playwright-core"
import { afterAll, beforeAll, expect } from "vitest"
import type { StateAnswer } from "../../src/wire/state.ts"
import { quietPorts, root, scratch, serve, type Running } from "../program.ts"
import { wants } from "../support/wants.ts"
import { stumbles } from "./axe.ts"
import { launch, open, shoot, type Tab } from "./browser.ts"
import { hostile } from "./recorded.ts"

const session = join(root, "fixtures", "sessions", "torch-sigstop.ndjson.gz")
const views = ["overview", "processes", "collectives", "flows", "log"]
const { describe, it } = { ...wants("chromium") }

/** Asks the program, and insists on an answer. */
const asking = (program: Running) => ({
  get: async <A>(path: string): Promise<A> => (await (await fetch(new URL(path, program.ready.http))).json()) as A,
  post: async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(new URL(path, program.ready.http), {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as Record<string, unknown>
  },
})

describe("every view of a recorded job that hangs", () => {
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
  const visit = async (address: string, body: (tab: Tab) => Promise<void>, options?: BrowserContextOptions) => {
    const tab = await open(browser, `${program.ready.http}${address}`, options)
    await tab.page.locator("main:not([aria-busy=true]) .panel").first().waitFor()
    await body(tab)
    expect([tab.errors, tab.strays]).toEqual([[], []])
    await tab.close()
  }

  for (const [colorScheme, at] of [
    ["light", ""],
    ["dark", "?at=300"],
  ] as const) {
    it(
      `stumbles nobody and scrolls nowhere sideways, ${colorScheme}, ${at === "" ? "at its end" : "in the past"}`,
      () =>
        visit(
          at,
          async ({ page }) => {
            for (const [index, view] of views.entries()) {
              await page.keyboard.press(String(index + 1))
              await page.waitForURL(`**/${at}#/${view}`)
              await expect.poll(() => page.locator(".loading").count()).toBe(0)
              expect(await stumbles(page), view).toEqual([])
              for (const width of [360, 1280, 2560]) {
                await page.setViewportSize({ width, height: 800 })
                expect(await page.evaluate("document.documentElement.scrollWidth"), `${view} ${width}`).toBe(width)
                await shoot(page, `views/${view}-${colorScheme}-${width}`)
              }
            }
          },
          { colorScheme },
        ),
      120_000,
    )
  }

  it("shows who waits for whom, on the timeline, in the graph, and in words", () =>
    visit("#/collectives", async ({ page }) => {
      const table = page.locator(".timeline-table tbody tr")
      await table.first().waitFor()
      expect(await table.first().textContent()).toMatch(
        /^allreduce #27jobs\/torch\/train\.py:774\.0 KiB23\.3 s so far–not all came/,
      )
      await page.locator(".waits-graph line").first().waitFor({ state: "attached" })
      expect(await page.locator(".waits-graph line").count()).toBe(3)
      expect(await page.locator(".waits-cause text").allTextContents()).toEqual(["2"])
      expect(await page.locator(".waits-list li").allTextContents()).toEqual(
        expect.arrayContaining([expect.stringMatching(/^Rank 0 in allreduce #27 for 23 s, waits for rank 2/)]),
      )
      expect(await page.locator(".timeline-ranks span").allTextContents()).toEqual(["0", "1", "2", "3"])
      await page.getByRole("link", { name: "0-1:1" }).click()
      await page.waitForURL(/group=/)
      await page.locator(".timeline-ranks span").nth(1).waitFor()
      expect(await page.locator(".timeline-ranks span").count()).toBe(2)
    }))

  it("zooms and moves the timeline by keys, and leaves the moment alone meanwhile", () =>
    visit("#/collectives", async ({ page }) => {
      const canvas = page.locator(".timeline canvas")
      await canvas.focus()
      const length = () => page.locator(".timeline-acts .faint").textContent()
      const whole = await length()
      for (let turn = 0; turn < 4; turn++) await page.keyboard.press("+")
      await expect.poll(length).not.toBe(whole)
      expect(Number.parseFloat((await length()) ?? "")).toBeLessThan(3)
      await page.keyboard.press("ArrowLeft")
      expect(new URL(page.url()).search).toBe("")
      await page.getByRole("button", { name: "Latest" }).click()
      await expect.poll(length).toBe(whole)
    }))

  it("explains an operation that is pointed at, and goes to its moment", () =>
    visit("#/collectives", async ({ page }) => {
      await page.getByRole("button", { name: "allreduce #1", exact: true }).click()
      await page.locator(".row-chosen").waitFor()
      await page.locator(".row-chosen a").click()
      await page.waitForURL(/\?at=13#\/collectives/)
      await page.locator(".timebar-past").waitFor()
    }))

  it("finds events by family, by text and by actor, opens one whole, and says when none fits", () =>
    visit("#/log", async ({ page }) => {
      const rows = page.locator(".log-row")
      await rows.first().waitFor()
      await page.getByRole("button", { name: "process", exact: true }).click()
      await page.waitForURL(/types=process/)
      await expect.poll(() => rows.count()).toBe(2)
      expect(await rows.first().textContent()).toContain("as pid 16838")
      await rows.first().locator("a").first().click()
      await page.waitForURL(/#\/log\/4\?types=process/)
      expect(await page.locator(".log-whole pre").textContent()).toContain('"startTicks": 760552')
      await page.keyboard.press("/")
      await page.keyboard.type("no such thing")
      await page.keyboard.press("Enter")
      await page.getByText("No event fits these filters.").waitFor()
    }))

  it("hands out what is shown as lines", () =>
    visit("#/log?types=process", async ({ page }) => {
      await page.locator(".log-row").first().waitFor()
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Download what is shown" }).click(),
      ])
      const stream = await download.createReadStream()
      const chunks: Array<Buffer> = []
      for await (const chunk of stream) chunks.push(chunk as Buffer)
      const lines = Buffer.concat(chunks).toString("utf8").trim().split("\n")
      expect(lines.map((line) => (JSON.parse(line) as { position: number }).position)).toEqual([2, 4])
    }))

  it("offers no act, for nothing can be done to a recording", () =>
    visit("#/processes", async ({ page }) => {
      await page.getByRole("link", { name: "ranks.sh" }).click()
      await page.locator("#process-title").waitFor()
      expect(await page.getByRole("button", { name: /Kill|Restart|Boot/ }).count()).toBe(0)
      await page.getByText("Output is kept beside the log").waitFor()
    }))
})

describe("every view of a live agent", () => {
  let browser: Browser
  let program: Running
  let folder: Awaited<ReturnType<typeof scratch>>
  let ask: ReturnType<typeof asking>
  beforeAll(async () => {
    folder = await scratch()
    const script = join(folder.path, "job.sh")
    await writeFile(script, "#!/bin/sh\necho '<b>bold</b> claims'\nwhile :; do sleep 1; done\n")
    await chmod(script, 0o755)
    program = await serve(
      [
        "agent",
        ...quietPorts,
        "--data",
        join(folder.path, "data"),
        "--script-roots",
        folder.path,
        "--telemetry-interval",
        "0.5",
        "--routines",
        join(root, "fixtures", "routines"),
      ],
      { cwd: folder.path },
    )
    ask = asking(program)
    await ask.post("/v1/processes", { script_path: script, name: hostile, env: { "X<b>": "y" } })
    const flow = {
      dsl_dict: {
        flow_id: hostile,
        routines: { ingest: { class: "demo.Ingest" }, process: { class: "demo.Process" } },
        connections: [{ from: "ingest.data_ingested", to: "process.data_ingested" }],
      },
    }
    await ask.post("/api/flows", { flow_id: hostile, ...flow })
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    await program?.stop()
    await folder?.remove()
  })
  /** `refusals`: answers of the agent that the visit provokes, which a browser writes to its console. */
  const visit = async (address: string, body: (tab: Tab) => Promise<void>, refusals = /^$/) => {
    const tab = await open(browser, `${program.ready.http}${address}`)
    await tab.page.locator("main .panel").first().waitFor()
    await body(tab)
    expect([tab.errors.filter((error) => !refusals.test(error)), tab.strays]).toEqual([[], []])
    expect(await tab.page.locator("main img, main b:has-text('claims')").count()).toBe(0)
    await tab.close()
  }

  it("shows names, output, variables and events that are markup as the text that they are", () =>
    visit("#/processes", async ({ page }) => {
      await page.getByRole("link", { name: hostile }).click()
      await page.getByText("<b>bold</b> claims").waitFor()
      await page.getByText("X<b>").waitFor()
      await page.keyboard.press("5")
      await page.getByText(`${hostile}:`).first().waitFor()
    }))

  it("names what will die before it kills, and does nothing when told to leave it", () =>
    visit("#/processes", async ({ page }) => {
      await page.getByRole("link", { name: hostile }).click()
      await page.getByRole("button", { name: "Kill …" }).click()
      const dialog = page.getByRole("dialog")
      expect(await dialog.textContent()).toMatch(/everything that it started: SIGTERM now, SIGKILL after 10 s/)
      expect(await stumbles(page)).toEqual([])
      await page.keyboard.press("Escape")
      await dialog.waitFor({ state: "detached" })
      await page.locator(".process .status-running").waitFor()
    }))

  it("says why a boot was refused, and boots what it may", () =>
    visit(
      "#/processes",
      async ({ page }) => {
        await page.getByRole("button", { name: "Boot a process" }).click()
        await page.getByLabel("Script, below").fill("/etc/passwd")
        await page.getByRole("button", { name: "Boot", exact: true }).click()
        await page.getByText("Refused.").waitFor()
        await page.getByLabel("Script, below").fill(join(folder.path, "job.sh"))
        await page.getByLabel(/^Name/).fill("second")
        await page.getByRole("button", { name: "Boot", exact: true }).click()
        await page.locator("#process-title", { hasText: "second" }).waitFor()
        await page.getByRole("button", { name: "Kill …" }).click()
        await page.getByRole("button", { name: "Kill", exact: true }).click()
        await page.locator(".process .status-stopped").waitFor()
      },
      /status of 4\d\d/,
    ))

  it("shows all of the host, sorted, filtered, and as a tree", () =>
    visit("#/processes?of=host", async ({ page }) => {
      await page.locator(".host-table tbody tr").first().waitFor()
      await page.getByLabel("Filter by name").fill(String(program.ready.pid))
      await page.locator(".host-table tbody tr th a", { hasText: /./ }).first().click()
      await page.locator(".process .facts", { hasText: "descriptors" }).waitFor()
      await page.locator(".plot canvas").first().waitFor()
      await page.getByRole("link", { name: "Tree" }).click()
      await page.waitForURL(/as=tree/)
      expect(await stumbles(page)).toEqual([])
    }))

  it("stops a job at a breakpoint set by a click, changes a variable, steps, and looks back", () =>
    visit(
      "#/flows",
      async ({ page }) => {
        await page.getByLabel("Input, as JSON").fill('{"data": [1, 2]}')
        await page.getByLabel("stop before the first call").check()
        await page.getByRole("button", { name: "Start a job" }).click()
        await page.getByText("Stands at ingest.trigger").waitFor()
        await page.getByRole("button", { name: "Breakpoint at process" }).click()
        await page.locator('.routine-break[aria-pressed="true"]').waitFor()
        await page.getByRole("button", { name: "Go on" }).click()
        await page.getByText("Stands at process.data_ingested").waitFor()
        await page.getByLabel("Value of data, as JSON").fill("[5]")
        await page.getByLabel("Value of data, as JSON").press("Enter")
        await expect.poll(() => page.getByLabel("Value of data, as JSON").inputValue()).toBe("[5]")
        expect(await stumbles(page)).toEqual([])
        await page.getByRole("button", { name: "Step back" }).click()
        await page.locator(".timebar-past").waitFor()
        await page.keyboard.press("l")
        await page.getByRole("button", { name: "Go on" }).click()
        await page.locator(".flow .panel-count", { hasText: "completed" }).waitFor()
        expect(await page.locator(".waterfall li").count()).toBe(2)
        // A job that has just gone on stands nowhere any more: so the debugger's questions are refused.
      },
      /status of 404/,
    ))

  it("is the moment of its link, in every view", async () => {
    const { position } = await ask.get<StateAnswer>("/v1/state")
    for (const view of views) {
      await visit(`?at=${position - 1}#/${view}`, async ({ page }) => {
        await page.locator(".timebar-past").waitFor()
        expect(await page.getByRole("button", { name: /Kill|Restart|Boot|Start a job/ }).count()).toBe(0)
      })
    }
  })
})
