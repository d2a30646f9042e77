// Builds dist/ from src/, when anything that goes into it changed.

import { createHash } from "node:crypto"
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { at, giveUp, say } from "./root.mjs"

const stampFile = at("dist", ".stamp")
const configuration = [
  "package.json",
  "package-lock.json",
  "rolldown.config.mjs",
  "scripts/build.mjs",
  "scripts/styles.mjs",
  "scripts/worker-urls.mjs",
]

const filesUnder = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .toSorted()

const fingerprint = () => {
  const hash = createHash("sha256")
  for (const file of [...configuration.map((name) => at(name)), ...filesUnder(at("src"))]) {
    hash.update(`\0${file}\0`).update(readFileSync(file))
  }
  return hash.digest("hex")
}

export const isBuilt = () => {
  try {
    return readFileSync(stampFile, "utf8") === fingerprint()
  } catch {
    return false
  }
}

/** What the page takes as it lies in src/web. */
const asIs = /\.(html|svg|png|ico|webmanifest)$/

const has = (...parts) => existsSync(at("src", ...parts))

const bundle = async (dir) => {
  const { build: rolldown } = await import("rolldown")
  const { node, page } = await import(pathToFileURL(at("rolldown.config.mjs")).href)
  mkdirSync(dir)
  if (has("main.ts")) await rolldown({ ...node(undefined, dir), logLevel: "warn" })
  else say("There is no src/main.ts yet: built without the program.")
  if (has("web", "main.tsx")) {
    await rolldown({ ...page(join(dir, "web")), logLevel: "warn" })
    for (const file of readdirSync(at("src", "web")).filter((name) => asIs.test(name))) {
      cpSync(at("src", "web", file), join(dir, "web", file))
    }
  } else say("There is no src/web/main.tsx yet: built without the page.")
}

/** A half-written dist/ is never seen: the new one is written aside and takes the old one's place. */
const replaceDist = (fresh) => {
  const old = at(`dist-old-${process.pid}`)
  if (existsSync(at("dist"))) renameSync(at("dist"), old)
  renameSync(fresh, at("dist"))
  rmSync(old, { recursive: true, force: true })
}

export const build = async () => {
  const started = performance.now()
  const before = fingerprint()
  const fresh = at(`dist-new-${process.pid}`)
  try {
    await bundle(fresh)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    giveUp("The build failed:", error.message)
  }
  writeFileSync(join(fresh, ".stamp"), before)
  replaceDist(fresh)
  say(`Built in ${((performance.now() - started) / 1000).toFixed(1)} s.`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { exclusively } = await import("./exclusive.mjs")
  // The set-up holds the lock already when it calls.
  await (process.argv.includes("--held") ? build() : exclusively(build))
}
