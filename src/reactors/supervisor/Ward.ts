// A process in the supervisor's charge, from its boot (or its adoption) until nothing of its tree is left.

import { randomUUID } from "node:crypto"
import { watch } from "node:fs"
import { Deferred, Effect } from "effect"
import { CommandId } from "../../domain/Brands.ts"
import type { ProcessIdentity } from "../../domain/events/ProcessEvents.ts"
import type { LimitName } from "../../domain/events/ProcessTerms.ts"
import { isAlive, type Kernel } from "./Kernel.ts"
import type { IdentityRecord, Life } from "./LifeDirectory.ts"
import * as LifeDirectory from "./LifeDirectory.ts"

/** Who it is, and who its shim is; a shim whose record was lost is null. */
export interface Root {
  readonly identity: ProcessIdentity
  readonly shim: { readonly pid: number; readonly startTicks: number } | null
}

export interface Ward {
  readonly life: Life
  readonly directory: string
  /** Null once it is known that there was no boot. */
  readonly booted: Deferred.Deferred<Root | null>
  /** Done when its end is in the log and no process of it is left. */
  readonly gone: Deferred.Deferred<void>
  /** Something may have changed: look. One reminder is as good as many; true while nobody waits for it. */
  wake: boolean | (() => void)
  /** How long to wait for a reminder before looking unasked. */
  patienceMillis: number
  /** Stops that are being carried out: while there is one, the end is told only when the whole tree is gone. */
  stops: number
  /** Where it runs when that is not here: its shim's child is an ssh client then. */
  remote: { readonly host: string; readonly user: string } | null
  /** What a stop found out: nobody of it is left there, or nobody can tell. */
  isRemoteGone: boolean
  /** The last signal that a stop really sent. */
  lastSignal: number | null
  /** The directories that limit it, by limit. */
  readonly cgroups: Map<LimitName, string>
}

/** The shim's pipe tells at once; the look without it is only for what nobody has thought of. */
const withPipeMillis = 30_000
/** Adopted processes have no pipe: their directory is watched, and their pids are looked at. */
const withoutPipeMillis = 1_000

export const make = (dataDirectory: string, life: Life): Effect.Effect<Ward> =>
  Effect.gen(function* () {
    return {
      life,
      directory: LifeDirectory.ofLife(dataDirectory, life),
      booted: yield* Deferred.make<Root | null>(),
      gone: yield* Deferred.make<void>(),
      wake: false,
      patienceMillis: withPipeMillis,
      stops: 0,
      remote: null,
      isRemoteGone: false,
      lastSignal: null,
      cgroups: new Map<LimitName, string>(),
    }
  })

/** Callable from anywhere, an event of Node's too. */
export const awaken = (ward: Ward): void => {
  if (typeof ward.wake === "function") ward.wake()
  else ward.wake = true
}

/** No more reminders come by themselves. */
export const lookUnasked = (ward: Ward): void => {
  ward.patienceMillis = withoutPipeMillis
  awaken(ward)
}

/** Until a reminder, or until patience ends; one waits at a time. By hand: a race of fibers would be a good part of a boot. */
export const pause = (ward: Ward, millis: number): Effect.Effect<void> =>
  Effect.async((resume) => {
    const end = (): void => {
      clearTimeout(timer)
      ward.wake = false
    }
    const go = (): void => {
      end()
      resume(Effect.void)
    }
    const timer = setTimeout(go, millis)
    if (ward.wake === true) go()
    else ward.wake = go
    return Effect.sync(end)
  })

/** In place of the pipe that was lost with an earlier agent. Where directories cannot be watched, patience is enough. */
export const watchDirectory = (ward: Ward) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      lookUnasked(ward)
      try {
        const watcher = watch(ward.directory, { persistent: false }, () => awaken(ward))
        return watcher.on("error", () => watcher.close())
      } catch {
        return null
      }
    }),
    (watcher) => Effect.sync(() => watcher?.close()),
  )

export const rootOf = (record: IdentityRecord): Root => ({
  identity: { bootId: record.boot_id, pid: record.pid, startTicks: record.start_ticks },
  shim: { pid: record.shim_pid, startTicks: record.shim_start_ticks },
})

/** Who of the two lives: by pid, start and boot of the host, never by the pid alone. */
export const lives = (kernel: Kernel, root: Root): { readonly main: boolean; readonly shim: boolean } => {
  const isThere = (pid: number, startTicks: number) => {
    const found = kernel.find(pid)
    return isAlive(found) && found.startTicks === startTicks
  }
  if (kernel.bootId !== root.identity.bootId) return { main: false, shim: false }
  return {
    main: isThere(root.identity.pid, root.identity.startTicks),
    shim: root.shim !== null && isThere(root.shim.pid, root.shim.startTicks),
  }
}

/** The command that tells a fact of this life: one fact of a life has one id, told once however often it is offered. */
export const factId = (ward: Ward, fact: "booted" | "boot-failed" | "exited"): CommandId =>
  CommandId(`${ward.life.process}/${ward.life.requestedAt}/${fact}`)

/** For what may happen more than once in a life. */
export const freshId = (): CommandId => CommandId(randomUUID())
