// Python programs that report, as tests run them.

import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { root } from "../program.ts"

export const reporters = join(root, "reporters")

const runs = (program: string, code: string): boolean =>
  spawnSync(program, ["-c", code], { stdio: "ignore" }).status === 0

const minimum = "import sys; sys.exit(sys.version_info < (3, 9))"
const candidates = ["python3", "/usr/bin/python3"]

export const python = candidates.find((one) => runs(one, minimum)) ?? null
/** Loading torch takes seconds: only those who want it look for it. */
export const findTorch = (): string | null => candidates.find((one) => runs(one, "import torch.distributed")) ?? null

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly millis: number
}

export interface Options {
  readonly program?: string | null
  readonly url?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly args?: ReadonlyArray<string>
  readonly onSpawn?: (pid: number) => void
}

/** Runs Python on arguments, with the reporter on its path. */
export const runPython = async (args: ReadonlyArray<string>, options: Options = {}): Promise<Ended> => {
  const began = performance.now()
  const child = spawn(options.program ?? python ?? "python3", args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "/",
      PYTHONPATH: reporters,
      PYTHONDONTWRITEBYTECODE: "1",
      ...(options.url === undefined ? {} : { ANNALIST_CCL_URL: options.url }),
      ...options.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk))
  if (child.pid !== undefined) options.onSpawn?.(child.pid)
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null]
  return { code, signal, stdout, stderr, millis: performance.now() - began }
}

/** Runs a program text. `counts()` printed as JSON is the usual last line. */
export const runText = (text: string, options: Options = {}): Promise<Ended> =>
  runPython(["-c", text, ...(options.args ?? [])], options)

export interface Counts {
  readonly recorded: number
  readonly delivered: number
  readonly dropped: number
  readonly refused: number
  readonly waiting: number
  readonly posts: number
  readonly connections: number
  readonly faults: number
}

export const lastLine = ({ stdout, stderr }: Ended): unknown => {
  const line = stdout.trimEnd().split("\n").at(-1) ?? ""
  if (!line.startsWith("{")) throw new Error(`no answer: ${stdout}${stderr}`)
  return JSON.parse(line) as unknown
}
