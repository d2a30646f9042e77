// Installs exactly what the lock says, once: for running (no test tools), or for testing (everything).

import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { at, giveUp, root, say, scratch } from "./root.mjs"

const stampFile = at("node_modules", ".annalist-setup.json")
const inputs = ["package.json", "test/package.json", "package-lock.json", ".npmrc"]

/** Node's version is no part of it: what is compiled in here speaks Node-API, which is the same from 20 to 24. */
const fingerprint = () => {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`)
  for (const file of inputs) hash.update("\0").update(readFileSync(at(file)))
  return hash.digest("hex")
}

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return undefined
  }
}

/** True when what lies in node_modules serves: an install for testing serves running too. */
export const isInstalled = (kind) => {
  const stamp = readJson(stampFile)
  return stamp?.fingerprint === fingerprint() && (stamp.kind === "test" || stamp.kind === kind)
}

const stampAs = (kind) => writeFileSync(stampFile, JSON.stringify({ kind, fingerprint: fingerprint() }))

/** Someone may have installed by hand: npm's own record of node_modules then already equals the lock. */
const agreesWithLock = () => {
  const wanted = readJson(at("package-lock.json"))?.packages
  const present = readJson(at("node_modules", ".package-lock.json"))?.packages
  if (wanted === undefined || present === undefined) return false
  return Object.entries(wanted).every(
    ([path, entry]) =>
      !path.startsWith("node_modules/") ||
      entry.optional ||
      (present[path]?.version === entry.version && existsSync(at(path))),
  )
}

const npm = (args) => {
  const cli = process.env.npm_execpath
  const options = { cwd: root, encoding: "utf8", maxBuffer: 64 << 20, stdio: ["ignore", "pipe", "pipe"] }
  if (cli !== undefined && /\.c?js$/.test(cli)) return spawnSync(process.execPath, [cli, ...args], options)
  return spawnSync("npm", args, { ...options, shell: process.platform === "win32" })
}

const noNetwork =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT|network/

const explain = (result, log) => {
  if (result.error !== undefined)
    return `npm could not be started (${result.error.code}): it comes with Node.js; put it on PATH and try again.`
  if (/EUSAGE/.test(result.stderr))
    return "package-lock.json does not fit package.json: run `npm install`, then `node scripts/lock.mjs`, and commit the lock."
  if (/ENOSPC/.test(result.stderr)) return "The disk is full: free about 300 MB and try again."
  if (noNetwork.test(result.stderr))
    return "The packages could not be downloaded: npm reached no registry. Connect to the network (or set npm's proxy) and try again; only the first start needs it."
  return `npm could not install the packages; the reason is in ${log}.`
}

/** Installs for `kind`, running nobody's install scripts (nothing here needs one); ends the process with a plain sentence when that fails. */
export const install = (kind) => {
  if (agreesWithLock()) return stampAs("test")
  say(kind === "run" ? "Installing what running needs (once) …" : "Installing what testing needs (once) …")
  const started = performance.now()
  const result = npm([
    "ci",
    ...(kind === "run" ? ["--workspaces=false"] : []),
    "--ignore-scripts",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    // npm's own patience with an absent network is over a minute.
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-timeout=60000",
  ])
  const log = join(scratch, "install.log")
  mkdirSync(scratch, { recursive: true })
  writeFileSync(log, `${result.stdout ?? ""}${result.stderr ?? ""}${result.error ?? ""}\n`)
  if (result.status !== 0) giveUp(explain(result, log), `npm's full output: ${log}`)
  stampAs(kind)
  say(`Installed in ${((performance.now() - started) / 1000).toFixed(1)} s.`)
}
