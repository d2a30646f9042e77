// Whatever a test file started ends with it, also when a test failed half-way, and its temporary folders go: set up for every file.

import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { afterAll } from "vitest"

/** Whoever does not die of SIGKILL within this is past helping. */
const killMillis = 5_000

/** Every temporary folder of the file lies in this one: a path below it tells whom the file started, whoever is the parent by now. */
const folder = mkdtempSync(join(tmpdir(), "annalist-t-"))
// Programs under test run as other users too.
chmodSync(folder, 0o711)
process.env["TMPDIR"] = folder

interface Found {
  readonly pid: number
  readonly parent: number
  readonly isNamed: boolean
}

const read = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1")
  } catch {
    return ""
  }
}

/** Zombies left out: somebody else has to take note of them. */
const everybody = (): ReadonlyArray<Found> =>
  readdirSync("/proc").flatMap((name) => {
    const pid = Number(name)
    const stat = Number.isInteger(pid) ? read(pid, "stat") : ""
    const [state = "Z", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    if (state === "Z" || state === "X") return []
    const isNamed = read(pid, "cmdline").includes(folder) || read(pid, "environ").includes(`${folder}/`)
    return [{ pid, parent: Number(parent), isNamed }]
  })

/** Descendants of this process, those who name its folder, and theirs. */
const left = (): ReadonlyArray<number> => {
  const all = everybody()
  const ours = new Set([process.pid, ...all.filter(({ isNamed }) => isNamed).map(({ pid }) => pid)])
  for (let before = 0; before !== ours.size;) {
    before = ours.size
    for (const { pid, parent } of all) if (ours.has(parent)) ours.add(pid)
  }
  ours.delete(process.pid)
  return Array.from(ours)
}

const end = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It ended by itself meanwhile.
  }
}

afterAll(async () => {
  if (process.platform === "linux") {
    const deadline = performance.now() + killMillis
    // Looked for anew each time: who is killed may have started somebody a moment before.
    for (let found = left(); found.length > 0 && performance.now() < deadline; found = left()) {
      for (const pid of found) end(pid)
      await wait(10)
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
