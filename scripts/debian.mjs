// Where a machine belongs to the tests alone (CI=true, root, Debian): installs the packages that some tests use.

import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { at, say } from "./root.mjs"

const apt = "/usr/bin/apt-get"

/** The packages of the list whose telling file is not there. */
export const missingPackages = () =>
  readFileSync(at("scripts", "debian-packages.txt"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/\s+/))
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name)

const aptGet = (...args) =>
  spawnSync(apt, ["-q", "-y", ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  })

/** Never fatal: a test whose package is missing lists itself as skipped. */
export const installDebianPackages = () => {
  if (process.env.CI !== "true" || process.getuid?.() !== 0 || !existsSync(apt)) return
  const missing = missingPackages()
  if (missing.length === 0) return
  say(`Installing Debian packages that tests use: ${missing.join(", ")} …`)
  aptGet("update")
  const result = aptGet("install", "--no-install-recommends", ...missing)
  if (result.status !== 0)
    say(
      `They could not be installed (${result.stderr.trim().split("\n").at(-1)}); the tests that want them are skipped.`,
    )
}
