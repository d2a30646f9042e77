// Completes package-lock.json after `npm install` on a machine whose registry holds only some platforms' builds: npm then leaves the
// others out of the lock, and `npm ci` refuses such a lock everywhere. Run by hand after a dependency changed; the tidy test says when.

import { readFileSync, writeFileSync } from "node:fs"
import { pathToFileURL } from "node:url"

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"]
const processors = ["arm64", "x64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x"]

/** What a platform build is for, read off its name, as npm writes it into a lock. */
export const platformOf = (name) => {
  if (name === "fsevents") return { os: ["darwin"] }
  const words = name.split("/").at(-1).split("-")
  if (words.includes("wasm32")) return { cpu: ["wasm32"] }
  const os = words.find((word) => systems.includes(word))
  const cpu = words.find((word) => processors.includes(word))
  if (os === undefined || cpu === undefined) return undefined
  const libc = words.some((word) => word.startsWith("musl"))
    ? "musl"
    : words.some((word) => /^(gnu|glibc)/.test(word))
      ? "glibc"
      : undefined
  return { cpu: [cpu], ...(libc === undefined || os !== "linux" ? {} : { libc: [libc] }), os: [os] }
}

/** The optional platform builds that packages of the lock name and the lock itself does not hold. */
export const missingBuilds = (lock) => {
  const found = new Map()
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const platform = platformOf(name)
      if (
        platform === undefined ||
        `node_modules/${name}` in lock.packages ||
        `${path}/node_modules/${name}` in lock.packages
      )
        continue
      found.set(name, { version: range.replace(/^[\^~]/, ""), dev: entry.dev, platform })
    }
  }
  return found
}

/** The same lock with those builds in it, without a checksum: this machine cannot see them. */
export const complete = (lock) => {
  const added = [...missingBuilds(lock)].map(([name, { version, dev, platform }]) => [
    `node_modules/${name}`,
    {
      version,
      cpu: platform.cpu,
      ...(dev ? { dev } : {}),
      ...(platform.libc ? { libc: platform.libc } : {}),
      optional: true,
      os: platform.os,
    },
  ])
  const order = (left, right) => (left[0] < right[0] ? -1 : 1)
  return { ...lock, packages: Object.fromEntries([...Object.entries(lock.packages), ...added].toSorted(order)) }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const file = new URL("../package-lock.json", import.meta.url)
  const lock = JSON.parse(readFileSync(file, "utf8"))
  const names = [...missingBuilds(lock).keys()]
  writeFileSync(file, `${JSON.stringify(complete(lock), null, 2)}\n`)
  console.log(
    names.length === 0
      ? "The lock holds every platform's build."
      : `Added ${names.length} platform builds to the lock.`,
  )
}
