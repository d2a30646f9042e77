// Limits of a process put into force: by cgroup for the tree where one can be written, by prlimit for each process elsewhere.

import { Effect } from "effect"
import type { LimitName, Limits } from "../../domain/events/ProcessTerms.ts"
import { BootError } from "./bootCheck.ts"
import * as Cgroups from "./Cgroups.ts"
import * as LifeDirectory from "./LifeDirectory.ts"
import type { Means } from "./Means.ts"
import type * as Ward from "./Ward.ts"

/** What the shim is told. */
export interface Planned {
  readonly cgroups: ReadonlyArray<string>
  /** "nofile=64" */
  readonly resources: ReadonlyArray<string>
}

/** The kernel's names. cpus has none: no resource limit is a share of time. */
const resources: Readonly<Partial<Record<LimitName, string>>> = {
  memoryBytes: "as",
  pids: "nproc",
  openFiles: "nofile",
  fileBytes: "fsize",
  coreBytes: "core",
  cpuSeconds: "cpu",
}
const prlimitMillis = 2_000

interface Refused {
  readonly limit: string
  readonly reason: string
}

const named = (limits: Limits): ReadonlyArray<readonly [LimitName, number]> =>
  (Object.entries(limits) as Array<[LimitName, number | undefined]>).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )

const groupName = (ward: Ward.Ward): string =>
  `annalist-${LifeDirectory.fileNameOf(ward.life.process)}-${ward.life.requestedAt}`

/** For a boot: all of it, or the process is not started. */
export const plan = (means: Means, ward: Ward.Ward, limits: Limits): Effect.Effect<Planned, BootError> =>
  Effect.suspend(() => {
    const planned: { cgroups: Array<string>; resources: Array<string> } = { cgroups: [], resources: [] }
    const refused: Array<string> = []
    for (const [name, value] of named(limits)) {
      const byGroup = inCgroup(means, ward, name, value)
      const resource = resourceFor(name)
      if (typeof byGroup === "string") planned.cgroups.push(byGroup)
      else if (typeof resource === "string") planned.resources.push(`${resource}=${value}`)
      else refused.push(`${name}: ${byGroup.refused}; ${resource.refused}`)
    }
    if (refused.length === 0) return Effect.succeed(planned)
    means.cgroups.remove(new Set(ward.cgroups.values()))
    return Effect.fail(new BootError({ reason: `limit not enforceable here: ${refused.join("; ")}` }))
  })

/** After a life of the agent: which directories limit it. */
export const recall = (means: Means, ward: Ward.Ward, limits: Limits): void => {
  for (const [name, value] of named(limits)) inCgroup(means, ward, name, value)
}

/** For a running process: what can be; the rest is told with its reason. */
export const change = (means: Means, ward: Ward.Ward, pids: ReadonlyArray<number>, limits: Limits) =>
  Effect.gen(function* () {
    const applied: { [Name in LimitName]?: number } = {}
    const refused: Array<Refused> = []
    for (const [name, value] of named(limits)) {
      const reason = yield* changeOne(means, ward, pids, name, value)
      if (reason === null) applied[name] = value
      else refused.push({ limit: name, reason: `limit not enforceable here: ${reason}` })
    }
    return { applied, refused }
  })

const changeOne = (
  means: Means,
  ward: Ward.Ward,
  pids: ReadonlyArray<number>,
  name: LimitName,
  value: number,
): Effect.Effect<string | null> => {
  const isNew = !ward.cgroups.has(name)
  const byGroup = inCgroup(means, ward, name, value)
  if (typeof byGroup === "string") {
    return isNew ? Effect.sync(() => movedInto(means, byGroup, pids)) : Effect.succeed(null)
  }
  const resource = resourceFor(name)
  if (typeof resource !== "string") return Effect.succeed(`${byGroup.refused}; ${resource.refused}`)
  return Effect.forEach(pids, (pid) => prlimit(pid, resource, value)).pipe(
    Effect.map((reasons) => reasons.find((reason) => reason !== null) ?? null),
  )
}

const movedInto = (means: Means, directory: string, pids: ReadonlyArray<number>): string | null => {
  try {
    for (const pid of pids) if (means.kernel.find(pid) !== null) means.cgroups.enter(directory, pid)
    return null
  } catch (error) {
    return `the processes cannot be moved into ${directory}: ${error instanceof Error ? error.message : String(error)}`
  }
}

const inCgroup = (
  means: Means,
  ward: Ward.Ward,
  name: LimitName,
  value: number,
): string | { readonly refused: string } => {
  if (!Cgroups.isControlled(name)) return { refused: "no cgroup limits it" }
  const directory = means.cgroups.limit(groupName(ward), name, value)
  if (typeof directory === "string") ward.cgroups.set(name, directory)
  return directory
}

const resourceFor = (name: LimitName): string | { readonly refused: string } => {
  const resource = resources[name]
  if (resource === undefined) return { refused: "no resource limit is a share of processor time" }
  // The kernel counts the user's processes, and does not hold root to the count.
  if (name === "pids" && process.getuid?.() === 0) return { refused: "root is not held to a number of processes" }
  return resource
}

/** Another process's limits can be set by this program of util-linux alone: Node has no call for it. */
const prlimit = (pid: number, resource: string, value: number): Effect.Effect<string | null> =>
  Effect.promise(async () => {
    const { execa } = await import("execa")
    const args = ["--pid", String(pid), `--${resource}=${value}`]
    const { failed, stderr, code } = await execa("prlimit", args, { reject: false, timeout: prlimitMillis })
    return failed ? `prlimit of pid ${pid}: ${stderr === "" ? code : stderr}`.slice(0, 300) : null
  })
