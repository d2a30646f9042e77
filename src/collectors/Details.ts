// What a process holds open, what its network carried, and its fair share of memory: dearer than its stat line, so only on demand.

import { readdirSync } from "node:fs"
import type { ProcessCounters } from "../domain/events/SampleEvents.ts"
import type { ProcFiles } from "./ProcFiles.ts"

export interface Wants {
  readonly descriptors: boolean
  readonly network: boolean
  readonly memory: boolean
}

type Details = Pick<ProcessCounters, "descriptors" | "receivedBytes" | "sentBytes" | "proportionalBytes">

export const nothing: Wants = { descriptors: false, network: false, memory: false }

/** The kernel walks all pages for it: a process of a gigabyte takes it milliseconds. */
const residentKibibytesMost = 256 * 1024

export const of = (files: ProcFiles, pid: number, wants: Wants): Details => ({
  descriptors: wants.descriptors ? descriptorsOf(`${files.root}/${pid}/fd`) : null,
  ...(wants.network ? networkOf(files.textIfThere(`${pid}/net/dev`)) : { receivedBytes: null, sentBytes: null }),
  proportionalBytes: wants.memory ? proportional(files, pid) : null,
})

const descriptorsOf = (folder: string): number | null => {
  try {
    return readdirSync(folder).length
  } catch {
    // It ended meanwhile, or it is another user's.
    return null
  }
}

/** `  eth0: received-bytes packets errs drop fifo frame compressed multicast sent-bytes …`; the loopback's stay in the namespace. */
const networkOf = (text: string) => {
  const lines = Array.from(text.matchAll(/^\s*([^\s:]+):\s*(\d+)(?:\s+\d+){7}\s+(\d+)/gm))
  if (lines.length === 0) return { receivedBytes: null, sentBytes: null }
  const outer = lines.filter(([, name]) => name !== "lo")
  const sum = (column: 2 | 3) => outer.reduce((total, line) => total + Number(line[column]), 0)
  return { receivedBytes: sum(2), sentBytes: sum(3) }
}

const proportional = (files: ProcFiles, pid: number): number | null => {
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(files.textIfThere(`${pid}/status`))?.[1]
  if (resident === undefined || Number(resident) > residentKibibytesMost) return null
  const found = /^Pss:\s+(\d+) kB/m.exec(files.textIfThere(`${pid}/smaps_rollup`))
  return found === null ? null : Number(found[1]) * 1024
}
