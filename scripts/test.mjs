// `npm test`: sets itself up, runs the checks and the whole suite, and closes with one line of counts. Arguments go to vitest, which
// then runs alone: `npm test -- test/log`.

import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { runChecks } from "./checks.mjs"
import { installDebianPackages } from "./debian.mjs"
import { proveFreshClone } from "./fresh.mjs"
import { say, scratch } from "./root.mjs"
import { run, tool } from "./run.mjs"
import { ensure } from "./setup.mjs"

const report = join(scratch, `vitest-${process.pid}.json`)

const readReport = () => {
  try {
    return JSON.parse(readFileSync(report, "utf8"))
  } catch {
    return undefined
  } finally {
    rmSync(report, { force: true })
  }
}

/** A file that could not even be loaded has no tests to count, so it counts as one that failed. */
const brokenFiles = (results) =>
  results.filter((file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"))

const runVitest = async (args) => {
  const { code } = await run(tool("vitest"), [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...args,
  ])
  const found = readReport()
  if (found === undefined) return { passed: 0, failed: ["vitest itself"], skipped: [] }
  const tests = found.testResults.flatMap((file) => file.assertionResults)
  const named = (statuses) => tests.filter((test) => statuses.includes(test.status)).map((test) => test.fullName)
  const failed = [...named(["failed"]), ...brokenFiles(found.testResults).map((file) => file.name)]
  if (code !== 0 && failed.length === 0) failed.push("an error outside any test")
  return { passed: named(["passed"]).length, failed, skipped: named(["skipped", "pending", "todo", "disabled"]) }
}

const args = process.argv.slice(2)
if (args.length === 0) installDebianPackages()
await ensure("test")

const parts = args.length === 0 ? [await runChecks(), await proveFreshClone()] : []
parts.push(await runVitest(args))

const passed = parts.reduce((sum, part) => sum + part.passed, 0)
const failed = parts.flatMap((part) => part.failed)
const skipped = parts.flatMap((part) => part.skipped ?? [])
for (const name of skipped) say(`skipped: ${name}`)
for (const name of failed) say(`failed: ${name}`)
process.exitCode = failed.length === 0 ? 0 : 1
process.stdout.write(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped\n`)
