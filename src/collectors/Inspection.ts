// A close look at one process: who it is, its counters, where it works and what it holds open.

import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs"
import type { CounterRow, ProcessDetails, ProcessFacts } from "../domain/events/HostProcessEvents.ts"
import * as Facts from "./Facts.ts"
import * as PageSize from "./PageSize.ts"
import * as ProcessStat from "./ProcessStat.ts"
import * as ProcFiles from "./ProcFiles.ts"

export interface Seen {
  readonly facts: ProcessFacts
  readonly counters: CounterRow
  readonly details: ProcessDetails
}

/** Descriptors beyond these are counted and not looked into. */
const descriptorsMost = 4096

/** Null when there is no such process. */
export const make = (procRoot = "/proc", passwdFile = "/etc/passwd"): ((pid: number) => Seen | null) => {
  const files = ProcFiles.make(procRoot)
  const facts = Facts.make(files, passwdFile)
  const pageBytes = PageSize.read(procRoot)
  const statBytes = Buffer.allocUnsafeSlow(1024)
  return (pid) => {
    const length = statOf(files, pid, statBytes)
    const close = ProcessStat.scan(statBytes, length)
    if (close < 0) return null
    const counters: CounterRow = [
      pid,
      String.fromCharCode(statBytes[close + 2] ?? 0),
      ProcessStat.field(14) + ProcessStat.field(15),
      ProcessStat.field(24) * pageBytes,
      ProcessStat.field(20),
    ]
    return { counters, facts: facts.read(pid, statBytes, close), details: detailsOf(`${procRoot}/${pid}`) }
  }
}

/** Its own buffer: the facts need the line while other files are read. */
const statOf = (files: ProcFiles.ProcFiles, pid: number, into: Buffer): number => {
  try {
    return files.bytes.copy(into, 0, 0, files.read(`${pid}/stat`))
  } catch {
    // It is not there, or not ours to look at.
    return 0
  }
}

const detailsOf = (root: string): ProcessDetails => {
  const names = readable(() => readdirSync(`${root}/fd`))
  const looked = names?.slice(0, descriptorsMost) ?? []
  const targets = looked.map((name) => readable(() => readlinkSync(`${root}/fd/${name}`)) ?? "")
  const inodes = targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [])
  const isFile = (name: string) => statSync(`${root}/fd/${name}`, { throwIfNoEntry: false })?.isFile() === true
  const files = looked.filter((name, index) => targets[index]?.startsWith("/") && readable(() => isFile(name)))
  return {
    workingDirectory: readable(() => readlinkSync(`${root}/cwd`)),
    descriptors: names?.length ?? null,
    connections: names === null ? null : internetSockets(root, new Set(inodes)),
    openFiles: names === null ? null : files.length,
  }
}

/** Of these inodes, how many are internet sockets in the process's own network namespace. */
const internetSockets = (root: string, inodes: ReadonlySet<string>): number => {
  if (inodes.size === 0) return 0
  let found = 0
  for (const table of ["tcp", "tcp6", "udp", "udp6"]) {
    const text = readable(() => readFileSync(`${root}/net/${table}`, "latin1")) ?? ""
    for (const line of text.split("\n").slice(1)) if (inodes.has(line.trim().split(/\s+/)[9] ?? "")) found++
  }
  return found
}

/** ENOENT and ESRCH mean that it ended meanwhile, EACCES that it is another user's: neither is known then. */
const readable = <A>(read: () => A): A | null => {
  try {
    return read()
  } catch {
    return null
  }
}
