// Managed processes in the words of drunc, and what drunc asks to be booted in ours.

import { isAbsolute, resolve } from "node:path"
import { Either } from "effect"
import type { ProcessSpec } from "../domain/events/ProcessEvents.ts"
import { type Environment, faultIn, redacted } from "../domain/processes/environment.ts"
import { isAlive, type ManagedProcess } from "../domain/processes/Processes.ts"
import type { BootRequest, ExecAndArgs, ProcessInstance } from "./messages.ts"
import { badFormat, exception, type Refusal } from "./Refusal.ts"

export interface BootSettings {
  /** Absolute: where what names no directory runs. */
  readonly directory: string
  readonly user: string
  readonly host: string
  readonly shownNames: ReadonlyArray<string>
  readonly isLocal: (host: string) => boolean
}

/** An int32 has no null: this is an end that nobody can tell. */
const unknownCode = 255

/** `echoed` stands in for the logged environment in the answer to the very caller who sent it. */
export const instanceOf = (process: ManagedProcess, echoed: Environment | null = null): ProcessInstance => {
  const { id, spec, host } = process
  return {
    process_description: {
      metadata: {
        uuid: { uuid: id },
        user: spec.user,
        ...(spec.session === null ? {} : { session: spec.session }),
        name: spec.name,
        hostname: host,
        ...(spec.treeId === null ? {} : { tree_id: spec.treeId }),
      },
      env: echoed ?? spec.env ?? {},
      executable_and_arguments: [spec.argv, ...(spec.steps ?? [])].map(([exec, ...args]) => ({ exec, args })),
      process_execution_directory: spec.workingDirectory,
      process_logs_path: spec.logPath ?? "",
    },
    process_restriction: { allowed_hosts: [host], allowed_host_types: [] },
    status_code: isAlive(process) ? 0 : 1,
    return_code: codeOf(process),
    uuid: { uuid: id },
  }
}

const codeOf = (process: ManagedProcess): number => {
  if (isAlive(process)) return 0
  if (process.signal !== null) return -process.signal
  return process.code ?? unknownCode
}

export interface BootAsked {
  readonly spec: ProcessSpec
  readonly environment: Environment | null
}

export const bootAsked = (
  { process_description: asked, process_restriction: restriction }: BootRequest,
  settings: BootSettings,
): Either.Either<BootAsked, Refusal> =>
  Either.gen(function* () {
    if (asked === null || asked.metadata === null)
      return yield* Either.left(badFormat("process_description and its metadata have to be there"))
    const hosts = restriction?.allowed_hosts ?? []
    if (hosts.length === 0) return yield* Either.left(exception("No allowed host provided! bailing"))
    if ((restriction?.allowed_host_types.length ?? 0) > 0 && !hosts.every(settings.isLocal)) {
      return yield* Either.left(
        exception("allowed_host_types cannot be told over ssh; name the hosts in allowed_hosts"),
      )
    }
    const [argv, ...steps] = yield* programsOf(asked.executable_and_arguments)
    if (argv === undefined)
      return yield* Either.left(badFormat("executable_and_arguments is empty: nothing is to be run"))
    const fault = faultIn(asked.env)
    if (fault !== null) return yield* Either.left(badFormat(`env ${fault}`))
    const { metadata } = asked
    const named = Object.keys(asked.env).length > 0
    const workingDirectory = resolve(settings.directory, asked.process_execution_directory)
    const logPath = asked.process_logs_path
    const spec: ProcessSpec = {
      name: metadata.name === "" ? (argv[0].split("/").at(-1) ?? argv[0]) : metadata.name,
      kind: "process",
      argv,
      workingDirectory,
      env: named ? redacted(asked.env, settings.shownNames) : null,
      user: metadata.user === "" ? settings.user : metadata.user,
      session: metadata.session ?? null,
      treeId: metadata.tree_id ?? null,
      host: hosts.find(settings.isLocal) === hosts[0] ? settings.host : (hosts[0] ?? settings.host),
      logPath: logPath === "" || isAbsolute(logPath) ? logPath || null : resolve(workingDirectory, logPath),
      scriptPath: null,
      hosts,
      ...(steps.length === 0 ? {} : { steps }),
    }
    return { spec, environment: named ? asked.env : null }
  })

type Words = readonly [string, ...ReadonlyArray<string>]

const programsOf = (all: ReadonlyArray<ExecAndArgs>): Either.Either<ReadonlyArray<Words>, Refusal> => {
  for (const { exec, args } of all) {
    if (exec === "") return Either.left(badFormat("an exec of executable_and_arguments is empty"))
    if ([exec, ...args].some((word) => word.includes("\0"))) {
      return Either.left(badFormat("a NUL in executable_and_arguments; no argument can hold that"))
    }
  }
  return Either.right(all.map(({ exec, args }): Words => [exec, ...args]))
}
