// Processes on other hosts, by the system's ssh client: whether a host takes one, what is sent there to run it, and how its tree is ended.

import { writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { Effect } from "effect"
import type { ProcessId } from "../../domain/Brands.ts"
import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"
import { BootError } from "./bootCheck.ts"
import { markerName } from "./Kernel.ts"
import { argvOf, quoted } from "./program.ts"

export interface Ssh {
  /** Null for the user's own configuration. */
  readonly configuration: string | null
}

const connectSeconds = 5
const askMillis = 10_000
/** ssh's own failure; what ran there ends with 0 to 254, or by a signal, of which ssh tells no more than this. */
export const brokenCode = 255

const ownNames = (): ReadonlySet<string> => {
  const name = os.hostname()
  return new Set(["localhost", "127.0.0.1", "::1", name, name.split(".")[0] ?? name])
}

export const isLocal = (host: string): boolean => ownNames().has(host)

/** Whatever a caller calls a host: it can neither be an option nor more than one word. */
const isHostName = (host: string): boolean => /^[A-Za-z0-9_][\w.:-]{0,252}$/.test(host)

const argumentsFor = (ssh: Ssh, host: string, user: string): ReadonlyArray<string> => [
  ...(ssh.configuration === null ? [] : ["-F", ssh.configuration]),
  ...[
    "BatchMode=yes",
    `ConnectTimeout=${connectSeconds}`,
    "ServerAliveInterval=15",
    "ControlPath=none",
    "ForwardX11=no",
  ].flatMap((option) => ["-o", option]),
  "-T",
  ...(user === "" || user === os.userInfo().username ? [] : ["-l", user]),
  "--",
  host,
]

/** Fails with the reason when the host cannot be reached, or could not run it. */
export const check = Effect.fn("Ssh.check")(function* (ssh: Ssh, host: string, spec: ProcessSpec) {
  if (!isHostName(host))
    return yield* new BootError({ reason: `${JSON.stringify(host.slice(0, 100))} is no host name` })
  const first = spec.argv[0]
  const lines = [
    `cd ${quoted(spec.workingDirectory)} || exit 101`,
    `command -v ${quoted(first)} >/dev/null || test ${quoted(first)} = source || exit 102`,
  ]
  const { code, stderr } = yield* asked(ssh, host, spec.user, lines)
  if (code === 0) return
  const reason =
    code === 101
      ? `working directory not found: ${spec.workingDirectory}`
      : code === 102
        ? `cannot run ${first}: not found`
        : `ssh: ${stderr.trim().split("\n").at(-1) ?? ""} (${code ?? "no answer"})`
  yield* new BootError({ reason })
})

/** The argument list for the shim. What is to run goes through a file that only the agent can read: arguments are for all to see. */
export const program = (
  ssh: Ssh,
  host: string,
  spec: ProcessSpec,
  place: Place,
): Effect.Effect<ReadonlyArray<string>, BootError> => {
  const file = path.join(place.directory, "remote")
  const names = Object.entries({ ...place.environment, [markerName]: markerOf(place.process) })
  const lines = [
    ...names.filter(([name]) => /^[A-Za-z_]\w*$/.test(name)).map(([name, value]) => `export ${name}=${quoted(value)}`),
    `cd ${quoted(spec.workingDirectory)} || exit 101`,
    `exec ${argvOf(spec).map(quoted).join(" ")} </dev/null`,
  ]
  return Effect.tryPromise({
    try: () => writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 }),
    catch: (error) =>
      new BootError({ reason: `the data directory: ${error instanceof Error ? error.message : String(error)}` }),
  }).pipe(
    Effect.as(["/bin/sh", "-c", 'exec ssh "$@" <"$0"', file, ...argumentsFor(ssh, host, spec.user), "exec /bin/sh -s"]),
  )
}

export interface Place {
  readonly process: ProcessId
  readonly directory: string
  /** What was asked for alone: the agent's own is no good elsewhere. */
  readonly environment: Readonly<Record<string, string>>
}

/** Another than the ssh client's own: where the other host is this one after all, nobody is taken for the other. */
const markerOf = (process: ProcessId): string => `${process}/elsewhere`

/** To everybody there who carries the marker. How many it reached; null when the host did not answer. */
export const signal = (
  ssh: Ssh,
  host: string,
  spec: Pick<ProcessSpec, "user">,
  process: ProcessId,
  number: number,
): Effect.Effect<number | null> => {
  const marker = quoted(`${markerName}=${markerOf(process)}`)
  const lines = [
    "n=0",
    `for e in $(grep -lzFxs -e ${marker} /proc/[0-9]*/environ); do`,
    "  p=${e#/proc/}",
    `  kill -${number} "\${p%/environ}" 2>/dev/null && n=$((n+1))`,
    "done",
    "echo $n",
  ]
  return Effect.map(asked(ssh, host, spec.user, lines), ({ code, stdout }) =>
    code === 0 ? Number.parseInt(stdout, 10) : null,
  )
}

const asked = (ssh: Ssh, host: string, user: string, lines: ReadonlyArray<string>) =>
  Effect.promise(async (cancelSignal) => {
    const { execa } = await import("execa")
    const result = await execa("ssh", [...argumentsFor(ssh, host, user), "exec /bin/sh -s"], {
      input: `${lines.join("\n")}\n`,
      reject: false,
      timeout: askMillis,
      cancelSignal,
      maxBuffer: 64 * 1024,
    })
    return {
      code: result.exitCode ?? null,
      stdout: result.stdout,
      stderr: result.stderr || (result.originalMessage ?? ""),
    }
  })
