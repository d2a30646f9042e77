// Under CI=true: proves the first lines of the README. A fresh clone with an empty npm cache answers within a minute of `npm start`,
// within two seconds the next time, and goes when told to.

import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { root, say } from "./root.mjs"

const firstLimitMillis = 60_000
const nextLimitMillis = 2_000
const stopLimitMillis = 2_000
const patienceMillis = 240_000

const flags = (data) => [
  "--port",
  "0",
  "--ccl-port",
  "0",
  "--grpc-port",
  "off",
  "--extra-ports",
  "off",
  "--data",
  data,
  "--json",
]

/** Starts the clone's agent; answers when it first said that it lives, and how long that took. */
const start = async (clone, cache, data) => {
  const started = performance.now()
  const child = spawn("npm", ["start", "--", ...flags(data)], {
    cwd: clone,
    env: { ...process.env, npm_config_cache: cache, npm_execpath: "", CI: "" },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  })
  const exited = new Promise((resolve) => child.once("close", resolve))
  const ready = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('{"ready":true')) return JSON.parse(line)
    }
    throw new Error("it ended without the ready line")
  })()
  const timeout = sleep(patienceMillis, undefined, { ref: false }).then(() => {
    throw new Error(`no ready line within ${patienceMillis / 1000} s`)
  })
  try {
    const { http } = await Promise.race([ready, timeout])
    const answer = await fetch(new URL("/v1/health/live", http))
    if (!answer.ok) throw new Error(`/v1/health/live answered ${answer.status}`)
  } catch (error) {
    endGroup(child.pid)
    throw error
  }
  return { child, exited, millis: performance.now() - started }
}

const endGroup = (pid) => {
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // All of it has gone already.
  }
}

const stop = async ({ child, exited }) => {
  const started = performance.now()
  child.kill("SIGTERM")
  const gone = await Promise.race([exited.then(() => true), sleep(stopLimitMillis * 5).then(() => false)])
  endGroup(child.pid)
  return gone ? performance.now() - started : Infinity
}

const measure = async (folder) => {
  const [clone, cache, data] = ["clone", "cache", "data"].map((name) => join(folder, name))
  const cloned = spawnSync("git", ["clone", "--quiet", "--no-hardlinks", root, clone], { encoding: "utf8" })
  if (cloned.status !== 0) throw new Error(`git clone failed: ${cloned.stderr.trim()}`)
  const first = await start(clone, cache, data)
  const firstStop = await stop(first)
  const next = await start(clone, cache, data)
  const nextStop = await stop(next)
  return [
    ["a fresh clone's first `npm start` answers", first.millis, firstLimitMillis],
    ["its next `npm start` answers", next.millis, nextLimitMillis],
    ["it stops on SIGTERM", Math.max(firstStop, nextStop), stopLimitMillis],
  ]
}

/** Counts as one test a promise kept. Outside CI it is left out: it downloads everything anew. */
export const proveFreshClone = async () => {
  if (process.env.CI !== "true") return { passed: 0, failed: [] }
  const folder = mkdtempSync(join(tmpdir(), "annalist-fresh-"))
  try {
    const kept = (await measure(folder)).map(([name, millis, limit]) => {
      say(`${millis <= limit ? "✓" : "✗"} ${name} (${(millis / 1000).toFixed(2)} s, at most ${limit / 1000} s)`)
      return [name, millis <= limit]
    })
    return { passed: kept.filter(([, ok]) => ok).length, failed: kept.filter(([, ok]) => !ok).map(([name]) => name) }
  } catch (error) {
    say(`✗ a fresh clone starts: ${error.message}`)
    return { passed: 0, failed: ["a fresh clone starts"] }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
