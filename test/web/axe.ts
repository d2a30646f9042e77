// What a screen reader, a keyboard or a weak eye would stumble over, as axe finds it in the page.

import { createRequire } from "node:module"
import { readFile } from "node:fs/promises"
import type { Page } from "playwright-core"

interface Violation {
  readonly id: string
  readonly impact: string | null
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary: string }>
}

const file = createRequire(import.meta.url).resolve("axe-core/axe.min.js")

/** Serious and critical ones, each with where it is; contrast is measured at AA. */
export const stumbles = async (page: Page): Promise<ReadonlyArray<string>> => {
  // Not as a script of the page, which its policy forbids, but as one of the browser's tools.
  await page.evaluate(await readFile(file, "utf8"))
  const found = await page.evaluate<{ readonly violations: ReadonlyArray<Violation> }>(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  )
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 4).map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`),
    )
}
