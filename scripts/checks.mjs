// The checks that are not tests, each counted as one: types, lint, format.

import { existsSync } from "node:fs"
import { at, say } from "./root.mjs"
import { run, tool } from "./run.mjs"

const withPage = () => existsSync(at("src", "web", "main.tsx"))

const types = async () => {
  const projects = ["tsconfig.json", ...(withPage() ? ["src/web/tsconfig.json"] : [])]
  const results = await Promise.all(
    projects.map((project) => run(tool("typescript", "tsc"), ["-p", project, "--pretty", "false"], { quiet: true })),
  )
  return {
    code: Math.max(...results.map((result) => result.code)),
    output: results.map((result) => result.output).join(""),
  }
}

const checks = [
  ["types", types],
  [
    "lint",
    () =>
      run(tool("oxlint"), ["--type-aware", "--deny-warnings", "--report-unused-disable-directives"], { quiet: true }),
  ],
  ["format", () => run(tool("oxfmt"), ["--check", "."], { quiet: true })],
]

/** Runs them one after the other (each already uses every core), says what each found, and answers how many passed and failed. */
export const runChecks = async () => {
  const failed = []
  for (const [name, check] of checks) {
    const started = performance.now()
    const { code, output } = await check()
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    say(`${code === 0 ? "✓" : "✗"} ${name} (${seconds} s)`)
    if (code === 0) continue
    failed.push(name)
    say(output.trimEnd())
    if (name === "format") say("`npm run format` sets this right.")
  }
  return { passed: checks.length - failed.length, failed }
}
