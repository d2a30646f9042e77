// The built-in shell: one script a call, from the folders in which scripts may lie, its input on stdin as JSON.

import { execFile } from "node:child_process"
import path from "node:path"
import { maxDataBytes } from "../hosts/Host.ts"
import { jobEnvironment } from "../jobEnvironment.ts"
import { BadConfiguration, type Done, type Work } from "./Work.ts"

const mostBytes = maxDataBytes / 4
const searchPath = "/usr/local/bin:/usr/bin:/bin"

/** Why a script may not be run; null where it may. */
export type ScriptFault = (script: string) => Promise<string | null>

/** `script` and `args` come from the configuration alone: what a call is given never becomes a command. */
export const shell =
  (faultOf: ScriptFault): Work =>
  async (dispatch, signal) => {
    const { script, args = [] } = dispatch.config
    if (typeof script !== "string") throw new BadConfiguration("script is the path of one below the script roots")
    if (!Array.isArray(args) || !args.every((one) => typeof one === "string")) {
      throw new BadConfiguration("args is a list of texts")
    }
    const fault = await faultOf(script)
    if (fault !== null) throw new BadConfiguration(fault)
    return run(path.resolve(script), args, dispatch.job, JSON.stringify(dispatch.input), signal)
  }

const run = (script: string, args: ReadonlyArray<string>, job: string, input: string, signal: AbortSignal) =>
  new Promise<Done>((resolve, reject) => {
    const environment = { PATH: searchPath, ...jobEnvironment(job) }
    const options = { signal, maxBuffer: mostBytes, env: environment, killSignal: "SIGKILL" } as const
    const child = execFile("/bin/sh", [script, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (typeof code !== "number") return reject(error ?? new Error("it could not be run"))
      resolve({ emissions: [[code === 0 ? "output" : "failed", { exit_code: code, stdout, stderr }]] })
    })
    // EPIPE: a script need not read what it is given.
    child.stdin?.on("error", () => undefined)
    child.stdin?.end(input)
  })
