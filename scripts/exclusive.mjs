// One set-up at a time in one checkout: a folder is the lock, because making one is atomic everywhere.

import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { say, scratch } from "./root.mjs"

const folder = join(scratch, "setup.lock")
const owner = join(folder, "pid")
/** Between making the folder and writing the owner's pid lies a moment; longer than this, the owner died in it. */
const nobodyAfterMillis = 5_000
const waitMillis = 100

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}

const ownerPid = () => {
  try {
    return Number(readFileSync(owner, "utf8")) || undefined
  } catch {
    return undefined
  }
}

const isStale = () => {
  const pid = ownerPid()
  if (pid !== undefined) return !isAlive(pid)
  try {
    return Date.now() - statSync(folder).mtimeMs > nobodyAfterMillis
  } catch {
    return false
  }
}

const take = () => {
  mkdirSync(scratch, { recursive: true })
  try {
    mkdirSync(folder)
  } catch (error) {
    if (error.code === "EEXIST") return false
    throw error
  }
  writeFileSync(owner, String(process.pid))
  return true
}

const release = () => rmSync(folder, { recursive: true, force: true })

/** Runs `work` while no other process of this checkout runs its own. */
export const exclusively = async (work) => {
  let told = false
  while (!take()) {
    if (isStale()) {
      release()
      continue
    }
    if (!told) say(`Another set-up of this checkout is running (process ${ownerPid() ?? "unknown"}); waiting for it.`)
    told = true
    await sleep(waitMillis)
  }
  process.once("exit", release)
  try {
    return await work()
  } finally {
    process.removeListener("exit", release)
    release()
  }
}
