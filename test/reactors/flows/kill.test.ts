// An agent killed in the middle of fifty jobs: the next one ends them all, and runs no handler twice that must run once.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "rolldown"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { BuildConfiguration } from "./harness.ts"

const dir = mkdtempSync(path.join(tmpdir(), "annalist-flow-kill-"))
const at = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
/** Inside the repository, so that the program finds its compiled dependencies. */
const built = at("../../../dist-test-flow-kill")
const program = path.join(built, "jobs.js")
const notes = path.join(dir, "notes.txt")
const jobs = 50
const rounds = 3
const routines = ["first", "again1", "once2", "again3", "once4"]

interface Report {
  readonly jobs?: ReadonlyArray<{
    readonly id: string
    readonly status: string
    readonly error: string | null
    readonly errors: ReadonlyArray<string>
  }>
}

beforeAll(async () => {
  const { node } = (await import(pathToFileURL(at("../../../rolldown.config.mjs")).href)) as BuildConfiguration
  const inputs = { jobs: "test/reactors/flows/programs/jobs.ts", worker: "src/reactors/flows/hosts/threadMain.ts" }
  await build({ ...node(inputs, built), logLevel: "silent" })
  writeFileSync(notes, "")
}, 60_000)

afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** One life of the agent: until it has nothing left to do, or until so many handlers have begun in all its lives, and it is killed. */
const live = async (count: number, killAtRuns: number | null): Promise<Report["jobs"] | null> => {
  const child = spawn(process.execPath, [program, path.join(dir, "log"), notes, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: at("../../.."),
  })
  const exited = once(child, "exit")
  let report: Report["jobs"] | null = null
  const look = setInterval(() => {
    if (killAtRuns !== null && runs() >= killAtRuns) child.kill("SIGKILL")
  }, 5)
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as Report
    if (said.jobs !== undefined) report = said.jobs
  }
  await exited
  clearInterval(look)
  return report
}

const runs = () => readFileSync(notes, "utf8").split("\n").length - 1

const runsByCall = () => {
  const counts = new Map<string, number>()
  for (const line of readFileSync(notes, "utf8").trim().split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}

describe("an agent that is killed in the middle of jobs", () => {
  it("ends them all in its next life, each handler once that must run once", async () => {
    for (let round = 0; round < rounds; round++)
      expect(await live(round === 0 ? jobs : 0, jobs + 10 + round * 50)).toBe(null)
    const killed = runsByCall()
    expect(killed.size).toBeGreaterThan(jobs)
    const report = await live(0, null)
    expect(report).toHaveLength(jobs)
    const unended = report?.filter(({ status }) => status !== "completed" && status !== "failed")
    expect(unended).toEqual([])
    // Failed is only whose entry, which runs once, was in the middle.
    const otherwise = report?.filter(({ status, error }) => status === "failed" && error !== "Interrupted")
    expect(otherwise).toEqual([])
    const counts = runsByCall()
    const whole = report?.filter(({ status, errors }) => status === "completed" && errors.length === 0) ?? []
    expect(whole.length).toBeGreaterThan(5)
    const missing = whole.flatMap(({ id }) =>
      routines
        .filter((routine, index) => !counts.has(`${id} ${routine} ${index + 1}`))
        .map((routine) => `${id} ${routine}`),
    )
    expect(missing).toEqual([])
    const doubled = Array.from(counts).filter(([call, count]) => count > 1 && !call.includes(" again"))
    expect(doubled).toEqual([])
  }, 120_000)
})
