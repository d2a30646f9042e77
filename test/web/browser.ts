// Debian's Chromium, and tabs in it that remember what went wrong in them.

import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core"
import { root } from "../program.ts"

/** Without these the browser looks up hosts of its maker at every start. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: "/usr/bin/chromium", args: quiet })

export interface Tab {
  readonly page: Page
  /** Errors of the console, exceptions, refused styles and scripts. */
  readonly errors: ReadonlyArray<string>
  /** Requests that left the origin. */
  readonly strays: ReadonlyArray<string>
  readonly close: () => Promise<void>
}

export const open = async (browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Tab> => {
  const context = await browser.newContext({ timezoneId: "UTC", locale: "en-GB", ...options })
  const page = await context.newPage()
  const errors: Array<string> = []
  const strays: Array<string> = []
  const { origin } = new URL(url)
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text())
  })
  page.on("pageerror", (error) => errors.push(String(error)))
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) strays.push(request.url())
  })
  await page.goto(url)
  return { page, errors, strays, close: () => context.close() }
}

/** Pictures to look at, where somebody asked for them with ANNALIST_SCREENSHOTS=<folder>. */
export const shoot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env["ANNALIST_SCREENSHOTS"]
  if (folder === undefined) return
  await mkdir(join(root, folder), { recursive: true })
  await page.screenshot({ path: join(root, folder, `${name}.png`), fullPage: true })
}
