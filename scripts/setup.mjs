// Makes the checkout ready, and costs next to nothing when it already is: Node new enough, packages installed, program built.

import { spawnSync } from "node:child_process"
import { isBuilt } from "./build.mjs"
import { exclusively } from "./exclusive.mjs"
import { install, isInstalled } from "./install.mjs"
import { at, giveUp } from "./root.mjs"

const oldest = [20, 19]

const checkNode = () => {
  const [major, minor] = process.versions.node.split(".").map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return
  giveUp(
    `Annalist needs Node.js ${oldest.join(".")} or newer; this is ${process.versions.node} (${process.execPath}). Install a newer one and try again.`,
  )
}

/** In a process of its own: what a bundler takes in memory would stay with the agent that this process becomes. */
const build = () => {
  const { status } = spawnSync(process.execPath, [at("scripts", "build.mjs"), "--held"], {
    stdio: ["ignore", "ignore", "inherit"],
  })
  if (status !== 0) process.exit(status ?? 1)
}

/** `kind` is "run" (what an agent needs) or "test" (everything). */
export const ensure = async (kind) => {
  checkNode()
  if (isInstalled(kind) && isBuilt()) return
  await exclusively(async () => {
    if (!isInstalled(kind)) install(kind)
    if (!isBuilt()) build()
  })
}
