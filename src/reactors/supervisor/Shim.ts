// The small program between the agent and a managed process: where it is, how it is started, what it is told.

import { spawn } from "node:child_process"
import { accessSync, constants } from "node:fs"
import path from "node:path"
import type { Socket } from "node:net"
import { Effect } from "effect"
import { BootError } from "./bootCheck.ts"
import type { LocalUser } from "./LocalUser.ts"

/** The program and the arguments that come before the shim's own. */
export interface Program {
  readonly command: string
  readonly leading: ReadonlyArray<string>
}

export interface Start {
  readonly directory: string
  readonly logPath: string
  readonly rotateBytes: number
  readonly rotateCount: number
  readonly workingDirectory: string
  readonly argv: ReadonlyArray<string>
  readonly environment: Readonly<Record<string, string>>
  readonly user: LocalUser | null
  readonly cgroups: ReadonlyArray<string>
  /** "nofile=64" */
  readonly limits: ReadonlyArray<string>
}

/** A shim that this agent started. */
export interface Started {
  /** False from the moment its end was seen; how it ended is of no use, its records tell more. */
  readonly isAlive: () => boolean
  readonly kill: () => void
}

/** What is told of a shim that was started. */
export interface News {
  /** It wrote a record, or it ended: whatever is true stands in its directory, so one of these that is lost loses nothing. */
  readonly came: () => void
  /** From here on nothing will be told any more, and it may run on. */
  readonly ceased: () => void
}

export type Launch = (start: Start, news: News) => Effect.Effect<Started, BootError>

const notifyFd = 3

/** The binary for this machine; `sh` in its place where it cannot run. `nativeDirectory` holds `prebuilt` and `fallback.sh`. */
export const locate = (nativeDirectory: string): Program => {
  const binary = path.join(nativeDirectory, "prebuilt", `${process.platform}-${process.arch}`, "annalist-shim")
  try {
    accessSync(binary, constants.X_OK)
    return { command: binary, leading: [] }
  } catch {
    // Another platform or architecture, or an unpacked tree that lost its modes.
    return { command: "/bin/sh", leading: [path.join(nativeDirectory, "fallback.sh")] }
  }
}

/** In the order in which its usage line names them. */
export const argumentsFor = (start: Start): ReadonlyArray<string> => {
  const options = {
    dir: start.directory,
    log: start.logPath,
    "rotate-bytes": String(start.rotateBytes),
    "rotate-count": String(start.rotateCount),
    cwd: start.workingDirectory,
    notify: String(notifyFd),
  }
  const { user } = start
  return [
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    ...(user === null ? [] : ["--uid", String(user.uid), "--gid", String(user.gid)]),
    ...start.cgroups.flatMap((directory) => ["--cgroup", directory]),
    ...start.limits.flatMap((limit) => ["--limit", limit]),
    "--",
    ...start.argv,
  ]
}

/** By Node itself, in a session of its own, tied to the agent by one pipe that only wakes. */
export const launch = (program: Program, start: Start, news: News): Effect.Effect<Started, BootError> =>
  Effect.async((resume) => {
    try {
      const child = spawn(program.command, [...program.leading, ...argumentsFor(start)], {
        detached: true,
        env: { ...start.environment },
        stdio: ["ignore", "ignore", "ignore", "pipe"],
      })
      let alive = true
      child.on("spawn", () => resume(Effect.succeed({ isAlive: () => alive, kill: () => void child.kill("SIGKILL") })))
      child.on("error", (error) => resume(cannotStart(error)))
      child.on("exit", () => {
        alive = false
        news.came()
      })
      const pipe = child.stdio[notifyFd] as Socket | null | undefined
      pipe?.on("data", news.came).on("error", news.came).unref()
      child.unref()
    } catch (error) {
      // Node throws some of the system's refusals (E2BIG) and emits the others.
      resume(cannotStart(error))
    }
  })

/** By the name of the system's refusal, or by what Node made of it. */
export const cannotStart = (cause: unknown): BootError => {
  const code = cause instanceof Error && "code" in cause ? cause.code : cause
  if (code === "E2BIG") {
    return new BootError({ reason: "arguments and environment are larger than the kernel takes (E2BIG)" })
  }
  const why = cause instanceof Error ? cause.message : String(cause)
  return new BootError({ reason: `the shim could not be started: ${why}` })
}
