// Who a process is: what hardly changes while it lives, from the stat line at hand and three small files.

import type { ProcessFacts } from "../domain/events/HostProcessEvents.ts"
import * as ProcessStat from "./ProcessStat.ts"
import type { ProcFiles } from "./ProcFiles.ts"
import * as UserNames from "./UserNames.ts"

export interface Facts {
  /** Of the process whose stat line was scanned last and lies in `stat`, its name ending at `close`. */
  readonly read: (pid: number, stat: Buffer, close: number) => ProcessFacts
  /** When the host was booted, seconds since 1970; read again when `anew`. */
  readonly bootSeconds: (anew: boolean) => number
}

/** Characters of a command line that are kept. */
const commandLineMost = 256

export const make = (files: ProcFiles, passwdFile: string): Facts => {
  const nameOf = UserNames.make(passwdFile)
  let boot: number | null = null
  const text = (path: string): string => {
    try {
      return files.textUtf8(path)
    } catch {
      // It ended meanwhile, or its files are not ours to read: the stat line is all there is.
      return ""
    }
  }
  return {
    read: (pid, stat, close) => {
      const uid = /^Uid:\t(\d+)/m.exec(text(`${pid}/status`))?.[1] ?? null
      return {
        pid,
        startTicks: ProcessStat.field(22),
        parentPid: ProcessStat.field(4),
        group: ProcessStat.field(5),
        name: stat.toString("utf8", stat.indexOf("(") + 1, close),
        nice: ProcessStat.field(19),
        uid: uid === null ? null : Number(uid),
        user: uid === null ? null : nameOf(Number(uid)),
        commandLine: commandLineOf(text(`${pid}/cmdline`)),
        cgroup: cgroupOf(text(`${pid}/cgroup`)),
      }
    },
    bootSeconds: (anew) => {
      if (boot === null || anew) boot = Number(/^btime (\d+)/m.exec(text("stat"))?.[1] ?? boot ?? 0)
      return boot
    },
  }
}

/** Whether two readings tell the same of one process. */
export const areSame = (one: ProcessFacts, other: ProcessFacts): boolean =>
  (Object.keys(one) as ReadonlyArray<keyof ProcessFacts>).every((key) => one[key] === other[key])

const commandLineOf = (text: string): string => {
  const line = text.replace(/\0+$/, "").replaceAll("\0", " ")
  return line.length > commandLineMost ? `${line.slice(0, commandLineMost - 1)}…` : line
}

/** The unified hierarchy's path; where there is none (v1), the memory controller's, else the first. */
export const cgroupOf = (text: string): string | null => {
  const lines = text.split("\n").filter((line) => line.includes(":"))
  const unified = lines.find((line) => line.startsWith("0::"))
  const path = (line: string | undefined) => line?.split(":").slice(2).join(":") ?? null
  const ofMemory = lines.find((line) => /^\d+:(?:[^:]*,)?memory[,:]/.test(line))
  const found = path(unified)
  // Hybrid hosts mount an unified hierarchy that knows nothing but the root.
  return found !== null && found !== "/" ? found : path(ofMemory ?? unified ?? lines[0])
}
