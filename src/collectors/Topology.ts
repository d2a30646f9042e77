// How many processors a host has: the threads that run, and the cores that they share.

import { readdirSync, readFileSync } from "node:fs"

export interface Topology {
  readonly cores: number
  readonly threads: number
}

/** From cpuinfo; where that names no cores (ARM), from sysfs; where neither does, every thread is a core. */
export const read = (procRoot: string, sysRoot: string): Topology => {
  const { threads, cores } = fromCpuinfo(readFileSync(`${procRoot}/cpuinfo`, "latin1"))
  return { threads, cores: cores ?? coresFromSysfs(sysRoot) ?? threads }
}

/** Exported for its test: one block a thread, with the ids of its package and core where the architecture has them. */
export const fromCpuinfo = (text: string): { readonly threads: number; readonly cores: number | null } => {
  const blocks = text.split(/\n\s*\n/).filter((block) => /^processor\s*:/m.test(block))
  const places = new Set(
    blocks.flatMap((block) => {
      const core = /^core id\s*:\s*(\d+)/m.exec(block)
      return core === null ? [] : [`${/^physical id\s*:\s*(\d+)/m.exec(block)?.[1] ?? 0}:${core[1]}`]
    }),
  )
  return { threads: blocks.length, cores: places.size > 0 ? places.size : null }
}

const coresFromSysfs = (sysRoot: string): number | null => {
  const root = `${sysRoot}/devices/system/cpu`
  try {
    const processors = readdirSync(root).filter((name) => /^cpu\d+$/.test(name))
    const places = processors.map((name) =>
      ["physical_package_id", "core_id"]
        .map((id) => readFileSync(`${root}/${name}/topology/${id}`, "latin1").trim())
        .join(":"),
    )
    return places.length > 0 ? new Set(places).size : null
  } catch {
    // No sysfs, or one that does not tell (a container, an old kernel): the caller takes the threads.
    return null
  }
}
