// For tests that need a program which may not be there: they run where it is, and elsewhere list themselves as skipped with the
// package that they want. `wants("strace").it("…", …)`, `wants("nghttp2-client", "curl").describe("…", …)`.

import { accessSync, constants, readFileSync } from "node:fs"
import { describe as describeAll, it as itRuns } from "vitest"

/** The packages that `npm test` knows, each with the file that tells it is there. */
const known = new Map(
  readFileSync(new URL("../../scripts/debian-packages.txt", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/\s+/) as [string, string]),
)

const isThere = (name: string): boolean => {
  const file = known.get(name)
  if (file === undefined)
    throw new Error(
      `${name} is not in scripts/debian-packages.txt: add it there with the file that tells it is installed`,
    )
  try {
    accessSync(file, constants.F_OK)
    return true
  } catch {
    return false
  }
}

type Body = () => void | Promise<void>

export const wants = (...packages: ReadonlyArray<string>) => {
  const missing = packages.filter((name) => !isThere(name))
  const title = (name: string) => (missing.length === 0 ? name : `${name} (wants ${missing.join(", ")})`)
  return {
    it: (name: string, body: Body, timeoutMillis?: number) =>
      itRuns.skipIf(missing.length > 0)(title(name), body, timeoutMillis),
    describe: (name: string, body: () => void) => describeAll.skipIf(missing.length > 0)(title(name), body),
  }
}
