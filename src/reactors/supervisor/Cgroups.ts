// Control groups of managed processes: one directory a life, below the agent's own, in version 2 or in the hierarchies of version 1.

import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import type { Limits } from "../../domain/events/ProcessTerms.ts"

type Controlled = "cpus" | "memoryBytes" | "pids"

export interface Cgroups {
  /** Null once it is in force, with the directory to be in; else why it cannot be. */
  readonly limit: (name: string, limit: Controlled, value: number) => string | { readonly refused: string }
  /** Moves a process into a directory. */
  readonly enter: (directory: string, pid: number) => void
  readonly remove: (directories: Iterable<string>) => void
}

const controllers: Readonly<Record<Controlled, string>> = { cpus: "cpu", memoryBytes: "memory", pids: "pids" }
const cpuPeriodMicros = 100_000

export const isControlled = (limit: keyof Limits): limit is Controlled => Object.hasOwn(controllers, limit)

export const make = (procRoot = "/proc"): Cgroups => {
  const places = placesOf(contents(`${procRoot}/self/mountinfo`), contents(`${procRoot}/self/cgroup`))
  return {
    limit: (name, limit, value) => {
      const controller = controllers[limit]
      const place = places.get(controller)
      if (place === undefined) return { refused: `no cgroup hierarchy here has the ${controller} controller` }
      try {
        if (place.version === 2) writeFileSync(path.join(place.directory, "cgroup.subtree_control"), `+${controller}`)
        const directory = path.join(place.directory, name)
        mkdirSync(directory, { recursive: true })
        for (const [file, text] of settingsOf(limit, value, place.version))
          writeFileSync(path.join(directory, file), text)
        return directory
      } catch (error) {
        const reason = error instanceof Error && "code" in error ? String(error.code) : String(error)
        return { refused: `the ${controller} cgroup below ${place.directory} cannot be set: ${reason}` }
      }
    },
    enter: (directory, pid) => writeFileSync(path.join(directory, "cgroup.procs"), String(pid)),
    remove: (directories) => {
      for (const directory of directories) {
        try {
          rmdirSync(directory)
        } catch {
          // Somebody is still in it, or it is gone: neither is worth a word, an empty group costs nothing.
        }
      }
    },
  }
}

const settingsOf = (
  limit: Controlled,
  value: number,
  version: 1 | 2,
): ReadonlyArray<readonly [file: string, text: string]> => {
  if (limit === "pids") return [["pids.max", String(value)]]
  const quota = Math.max(1_000, Math.round(value * cpuPeriodMicros))
  if (version === 2) {
    return limit === "cpus" ? [["cpu.max", `${quota} ${cpuPeriodMicros}`]] : [["memory.max", String(value)]]
  }
  return limit === "cpus"
    ? [
        ["cpu.cfs_period_us", String(cpuPeriodMicros)],
        ["cpu.cfs_quota_us", String(quota)],
      ]
    : [["memory.limit_in_bytes", String(value)]]
}

interface Place {
  readonly version: 1 | 2
  /** The agent's own group. */
  readonly directory: string
}

/** By controller. A hierarchy of version 1 that has it keeps it from version 2. */
const placesOf = (mounts: string, own: string): ReadonlyMap<string, Place> => {
  const found = new Map<string, Place>()
  for (const { mountPoint, root, kind, options } of mountsIn(mounts)) {
    const version = kind === "cgroup2" ? 2 : 1
    const line = own.split("\n").find((one) => {
      const [, names = ""] = one.split(":")
      return version === 2
        ? one.startsWith("0::")
        : names.split(",").some((name) => name !== "" && options.includes(name))
    })
    const below = line?.split(":").slice(2).join(":") ?? "/"
    const directory = path.join(mountPoint, root === "/" || !below.startsWith(root) ? below : below.slice(root.length))
    const names = version === 2 ? contents(path.join(directory, "cgroup.controllers")).split(/\s+/) : options
    for (const name of names) if (name !== "" && !found.has(name)) found.set(name, { version, directory })
  }
  return found
}

const mountsIn = (text: string) =>
  text.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ")
    const [, , , root = "/", mountPoint = ""] = before.split(" ")
    const [kind = "", , options = ""] = after.split(" ")
    return kind === "cgroup" || kind === "cgroup2" ? [{ mountPoint, root, kind, options: options.split(",") }] : []
  })

const contents = (file: string): string => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    // A host without cgroups.
    return ""
  }
}
