// The real program as tests drive it: started on free ports in a folder of its own, asked over HTTP, and always ended.

import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))
export const annalist = join(root, "dist", "annalist.js")

export interface Ready {
  readonly ready: true
  readonly http: string
  readonly ccl: string | null
  readonly data: string
  readonly pid: number
}

export interface Running {
  readonly ready: Ready
  readonly stderr: () => string
  /** Sends the signal and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<{ readonly code: number | null; readonly millis: number }>
}

/** A folder that is gone after the test. */
export const scratch = async (): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), "annalist-test-"))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Only what the child needs: settings of the machine that runs the tests must not leak in. */
const cleanEnvironment = (extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"] ?? "",
  HOME: process.env["HOME"] ?? "/",
  ...extra,
})

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once("exit", (code) => resolve(code)))

/** Runs a command that serves (`agent`, `open`) until its ready line; fails with what it printed. */
export const serve = async (
  args: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Running> => {
  const child = spawn(process.execPath, [annalist, ...args, "--json"], {
    cwd: options.cwd ?? root,
    env: cleanEnvironment(options.env ?? {}),
    stdio: ["ignore", "pipe", "pipe"],
  })
  let stdout = ""
  let stderr = ""
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk))
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk
      const line = stdout.split("\n").find((one) => one.startsWith("{"))
      if (line !== undefined && stdout.includes("\n")) resolve(JSON.parse(line) as Ready)
    })
    child.once("exit", (code) => reject(new Error(`annalist ${args[0]} ended with ${code}: ${stdout}${stderr}`)))
  })
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    const began = performance.now()
    child.kill(signal)
    const code = await ended(child)
    return { code, millis: performance.now() - began }
  }
  return { ready, stderr: () => stderr, stop }
}

/** Runs a command to its end. */
export const run = async (
  args: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> => {
  const child = spawn(process.execPath, [annalist, ...args], {
    cwd: options.cwd ?? root,
    env: cleanEnvironment(options.env ?? {}),
    stdio: ["ignore", "pipe", "pipe"],
  })
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk))
  const code = await ended(child)
  return { code, stdout, stderr }
}

/** Asks again and again until the answer is there; the bound is the test's own time. */
export const until = async <T>(ask: () => Promise<T | null>, what: string, millis = 10_000): Promise<T> => {
  const deadline = performance.now() + millis
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${millis} ms`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** No listening port but the main and the collectives' one, and both free ones. */
export const quietPorts = ["--port", "0", "--ccl-port", "0", "--extra-ports", "off", "--grpc-port", "off"] as const
