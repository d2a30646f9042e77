// What is answered about the script of POST /start: its state in the words of seed 000.

import { isAlive, type ManagedProcess } from "../../domain/processes/Processes.ts"
import type { LastExecution, StatusAnswer } from "../../wire/agent.ts"

type Environment = Readonly<Record<string, string>>

/** `echoed` stands in for the logged environment in the answer to the very caller who sent it. */
export const started = (script: ManagedProcess, echoed: Environment | null): StatusAnswer => ({
  current_status: isAlive(script) ? "started" : "exited",
  current_pid: isAlive(script) ? (script.identity?.pid ?? null) : null,
  last_execution: executionOf(script, echoed),
})

export const stopped = (script: ManagedProcess): StatusAnswer => ({
  current_status: script.lastSignal === "SIGKILL" ? "force_stopped" : "stopped",
  current_pid: null,
  last_execution: executionOf(script, script.spec.env),
})

export const status = (script: ManagedProcess | null): StatusAnswer =>
  script === null
    ? { current_status: "not_running", current_pid: null, last_execution: null }
    : {
        current_status: wordOf(script),
        current_pid: isAlive(script) ? (script.identity?.pid ?? null) : null,
        last_execution: executionOf(script, script.spec.env),
      }

const wordOf = (script: ManagedProcess): StatusAnswer["current_status"] => {
  switch (script.status) {
    case "booting":
    case "running":
    case "stopping":
      return "running"
    case "exited":
      return "exited"
    case "stopped":
    case "boot_failed":
      return "not_running"
  }
}

const executionOf = (script: ManagedProcess, env: Environment | null): LastExecution => ({
  start_time: wholeSeconds(script.startedAt),
  end_time: wholeSeconds(script.endedAt),
  exit_code: script.code,
  exit_signal: script.signal,
  pid: script.identity?.pid ?? null,
  env_vars: env,
  script_path: script.spec.scriptPath ?? "",
})

const wholeSeconds = (micros: number | null): number | null => (micros === null ? null : Math.floor(micros / 1e6))
