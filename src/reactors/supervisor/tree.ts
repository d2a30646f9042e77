// Whom a signal to a managed process is for: its group at once, and one by one whoever left the group.

import { isAlive, type KernelProcess } from "./Kernel.ts"

export interface Root {
  readonly pid: number
  readonly startTicks: number
  /** The shim, while it lives: all descendants hang below it, however they were forked. */
  readonly shimPid: number | null
}

export interface Members {
  /** A living member of the group that is to be signalled as a whole; null when there is none that is known to be ours. */
  readonly inGroup: KernelProcess | null
  /** The living of the tree outside that group. */
  readonly outside: ReadonlyArray<KernelProcess>
}

/** `isMarked` tells the processes that carry the marker; they belong to the tree wherever they hang. */
export const membersOf = (
  table: ReadonlyArray<KernelProcess>,
  root: Root,
  isMarked: (process: KernelProcess) => boolean = () => false,
): Members => {
  const main = table.find((one) => one.pid === root.pid && one.startTicks === root.startTicks)
  const below = descendants(table, [root.shimPid, main?.pid])
  const ours = table.filter(
    (one) =>
      one.pid !== root.shimPid &&
      (one === main ||
        below.has(one.pid) ||
        // While the main process is there, dead or alive, nobody else can be given its group's or session's number.
        (main !== undefined && (one.session === main.pid || one.group === main.pid)) ||
        isMarked(one)),
  )
  const living = ours.filter(isAlive)
  // A group has the pid of the process that made it: without one of ours in it the number may be another's.
  return {
    inGroup: living.find((one) => one.group === root.pid) ?? null,
    outside: living.filter((one) => one.group !== root.pid),
  }
}

const descendants = (
  table: ReadonlyArray<KernelProcess>,
  roots: ReadonlyArray<number | null | undefined>,
): ReadonlySet<number> => {
  const children = new Map<number, Array<number>>()
  for (const one of table) {
    const siblings = children.get(one.parentPid)
    if (siblings === undefined) children.set(one.parentPid, [one.pid])
    else siblings.push(one.pid)
  }
  const found = new Set<number>()
  const open = roots.flatMap((root) => (root === null || root === undefined ? [] : (children.get(root) ?? [])))
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (found.has(pid)) continue
    found.add(pid)
    open.push(...(children.get(pid) ?? []))
  }
  return found
}
