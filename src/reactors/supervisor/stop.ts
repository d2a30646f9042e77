// Carries out one request to signal: the whole tree for a stop, then force until nothing is left; the group alone otherwise.

import { Deferred, Effect } from "effect"
import type { ProcessSignalRequested } from "../../domain/events/ProcessEvents.ts"
import * as Kernel from "./Kernel.ts"
import * as killGuard from "./killGuard.ts"
import type { Means } from "./Means.ts"
import * as signals from "./signals.ts"
import { type Members, membersOf } from "./tree.ts"
import { stopElsewhere } from "./stopElsewhere.ts"
import * as Ward from "./Ward.ts"

export type Request = Pick<typeof ProcessSignalRequested.Type, "signal" | "force" | "graceMillis" | "stop">

/** Between two rounds of force: a tree that forks is caught by the next one. */
const roundMillis = { first: 20, most: 500 } as const

/** What one sending came to. */
interface Sent {
  readonly count: number
  readonly refusals: ReadonlyArray<string>
}

export const stop = Effect.fn("Supervisor.stop")(function* (means: Means, ward: Ward.Ward, request: Request) {
  // The boot is bounded, so this wait is.
  const root = yield* Deferred.await(ward.booted)
  if (root === null) return
  if (ward.remote !== null && !request.stop) return yield* Effect.asVoid(stopElsewhere(means, ward, request))
  if (!request.stop) return yield* told(means, ward, request.signal, send(means, ward, root, [request.signal], "group"))
  ward.stops++
  yield* Effect.ensuring(
    end(means, ward, root, request),
    Effect.sync(() => {
      ward.stops--
      Ward.awaken(ward)
    }),
  )
})

const end = Effect.fn("Supervisor.end")(function* (means: Means, ward: Ward.Ward, root: Ward.Root, request: Request) {
  if (ward.remote !== null && (yield* stopElsewhere(means, ward, request))) return
  // A process that was halted would sleep through its grace.
  yield* told(means, ward, request.signal, send(means, ward, root, [request.signal, "SIGCONT"], "tree"))
  if (yield* isGoneWithin(ward, request.graceMillis)) return
  if (request.force === null) return
  const force = request.force
  yield* told(means, ward, force, send(means, ward, root, [force], "everybody"))
  const forced = yield* untilGone(means, ward, root, force).pipe(Effect.timeoutOption(means.bounds.forceMillis))
  if (forced._tag === "None") yield* surrender(means, ward, root, force)
})

/** Again and again, because between the look and the signal somebody may have forked. */
const untilGone = Effect.fn("Supervisor.untilGone")(function* (
  means: Means,
  ward: Ward.Ward,
  root: Ward.Root,
  force: string,
) {
  let wait: number = roundMillis.first
  while (!(yield* isGoneWithin(ward, wait))) {
    yield* send(means, ward, root, [force], "everybody")
    wakeShim(means, root)
    wait = Math.min(wait * 2, roundMillis.most)
  }
})

/** One that somebody halted would not reap. */
const wakeShim = (means: Means, { shim }: Ward.Root) => {
  const found = shim === null ? null : means.kernel.find(shim.pid)
  if (shim !== null && found?.startTicks === shim.startTicks && found.state === "T")
    kill(shim.pid, signals.numberOf("SIGCONT") ?? 0)
}

/** The watcher stays on: should it end after all, that is told then. */
const surrender = (means: Means, ward: Ward.Ward, root: Ward.Root, force: string) => {
  const { inGroup, outside } = members(means, ward, root, "everybody")
  const left = [inGroup, ...outside].flatMap((one) => (one === null ? [] : [`pid ${one.pid} (state ${one.state})`]))
  const reason = `still there ${means.bounds.forceMillis} ms after ${force}: ${left.join(", ") || "its shim alone"}`
  return means.report({
    _tag: "RecordSignalRefused",
    id: Ward.freshId(),
    process: ward.life.process,
    signal: force,
    reason,
  })
}

/** `group`: those who stayed. `tree`: and all descendants. `everybody`: and whoever carries the marker elsewhere. */
type Reach = "group" | "tree" | "everybody"

const members = (means: Means, ward: Ward.Ward, root: Ward.Root, reach: Reach): Members => {
  const { kernel } = means
  const { pid, startTicks, bootId } = root.identity
  if (bootId !== kernel.bootId) return { inGroup: null, outside: [] }
  const shimPid = Ward.lives(kernel, root).shim ? (root.shim?.pid ?? null) : null
  // Without its shim a tree holds together by the marker alone.
  const isByMarker = reach === "everybody" || shimPid === null
  const table = isByMarker ? withFresh(kernel.all(), kernel.find(pid)) : kernel.below(shimPid)
  const marked = isByMarker ? kernel.carriers(ward.life.process) : new Set<number>()
  const found = membersOf(table, { pid, startTicks, shimPid }, (one) => marked.has(one.pid))
  return reach === "group" ? { inGroup: found.inGroup, outside: [] } : found
}

/** Everybody who is known to belong to it. */
export const pidsOf = (means: Means, ward: Ward.Ward, root: Ward.Root): ReadonlyArray<number> => {
  const { inGroup, outside } = members(means, ward, root, "everybody")
  const { pid } = root.identity
  const grouped = inGroup === null ? [] : means.kernel.all().filter((one) => one.group === pid)
  return Array.from(new Set([...grouped, ...outside].map((one) => one.pid)))
}

/** The shared look may be older than the process itself. */
const withFresh = (table: ReadonlyArray<Kernel.KernelProcess>, main: Kernel.KernelProcess | null) =>
  main === null ? table : [...table.filter((one) => one.pid !== main.pid), main]

/** Sends the signals one after the other; who is who is looked up once more right before. */
const send = (
  means: Means,
  ward: Ward.Ward,
  root: Ward.Root,
  names: ReadonlyArray<string>,
  reach: Reach,
): Effect.Effect<Sent> =>
  Effect.sync(() => {
    const numbers = names.map(signals.numberOf)
    if (numbers.includes(null)) return { count: 0, refusals: [`${names.join(", ")} is no signal`] }
    const { kernel } = means
    const lineage = Kernel.lineage(kernel, process.pid)
    const { inGroup, outside } = members(means, ward, root, reach)
    const refusals: Array<string> = []
    const attempt = (pid: number, refused: string | null) => {
      const refusal = numbers.reduce<string | null>((found, number) => found ?? kill(pid, number ?? 0), refused)
      if (refusal !== null) refusals.push(refusal)
      return refusal === null ? 1 : 0
    }
    const group = root.identity.pid
    let count = isStillIn(kernel, inGroup, group) ? attempt(-group, killGuard.groupRefusal(group, lineage)) : 0
    for (const { pid, startTicks } of outside) {
      const found = kernel.find(pid)
      if (found !== null) count += attempt(pid, killGuard.refusal({ pid, startTicks, found }, lineage))
    }
    if (count === 0 && refusals.length === 0) refusals.push(...mistaken(kernel, root, lineage))
    Ward.awaken(ward)
    return { count, refusals }
  })

/** As long as one of ours is in the group, dead or alive, nobody else's group can have its number. */
const isStillIn = (kernel: Kernel.Kernel, member: Kernel.KernelProcess | null, group: number): boolean => {
  const found = member === null ? null : kernel.find(member.pid)
  return found !== null && found.startTicks === member?.startTicks && found.group === group
}

/** Why nobody was there to signal: silence when it has just ended, the reason when its pid is another's. */
const mistaken = (kernel: Kernel.Kernel, root: Ward.Root, lineage: ReadonlySet<number>): ReadonlyArray<string> => {
  const { pid, startTicks } = root.identity
  const found = kernel.find(pid)
  const refusal = found === null ? null : killGuard.refusal({ pid, startTicks, found }, lineage)
  return refusal === null ? [] : [refusal]
}

/** Null when it was sent, or when there was nobody left to send it to. */
const kill = (pid: number, signal: number): string | null => {
  try {
    process.kill(pid, signal)
    return null
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null
    return code === "ESRCH" ? null : `pid ${Math.abs(pid)}: ${error instanceof Error ? error.message : String(error)}`
  }
}

const told = (means: Means, ward: Ward.Ward, signal: string, sending: Effect.Effect<Sent>) =>
  Effect.gen(function* () {
    const { count, refusals } = yield* sending
    const { process } = ward.life
    if (count > 0) ward.lastSignal = signals.numberOf(signal)
    if (count > 0) yield* means.report({ _tag: "RecordSignalled", id: Ward.freshId(), process, signal })
    if (refusals.length > 0) {
      const reason = refusals.join("; ")
      yield* means.report({ _tag: "RecordSignalRefused", id: Ward.freshId(), process, signal, reason })
    }
  })

const isGoneWithin = (ward: Ward.Ward, millis: number): Effect.Effect<boolean> =>
  Deferred.await(ward.gone).pipe(
    Effect.timeoutOption(millis),
    Effect.map((gone) => gone._tag === "Some"),
  )
