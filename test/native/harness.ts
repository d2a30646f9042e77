/** Starts real shims in a temporary folder and waits on conditions, never on time. */
import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { vi } from "vitest"

export const nativeDirectory = path.resolve(import.meta.dirname, "../../native")
export const shim = path.join(nativeDirectory, "prebuilt", `linux-${process.arch}`, "annalist-shim")
export const fallback = path.join(nativeDirectory, "fallback.sh")
export const isRoot = process.getuid?.() === 0
export const onLinux = process.platform === "linux"
/** Goes into the name of a test that is skipped without root. */
export const needsRoot = isRoot ? "" : " (skipped: needs root)"

export interface Identity {
  readonly pid: number
  readonly start_ticks: number
  readonly boot_id: string
  readonly shim_pid: number
  readonly shim_start_ticks: number
  readonly started_at_us: number
}
export interface Status {
  readonly wait_status: number | null
  readonly code: number | null
  readonly signal: number | null
  readonly ambiguous?: boolean
  readonly core_dumped: boolean
  readonly ended_at_us: number
  readonly user_us: number | null
  readonly system_us: number | null
  readonly max_resident_bytes: number | null
}
export interface Empty {
  readonly at_us: number
  readonly dropped_bytes: number
  readonly stragglers_reaped: number | null
}
export interface Failure {
  readonly step: string
  readonly errno: number
  readonly error: string
  readonly path: string
}

/** Of a machine that does much else besides: what holds at all holds long before. */
const patienceMillis = 60_000
vi.setConfig({ testTimeout: 120_000 })
const scratch: Array<string> = []

export function temporaryDirectory(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "annalist-shim-"))
  scratch.push(directory)
  return directory
}

export function removeTemporaryDirectories(): void {
  for (const directory of scratch.splice(0)) fs.rmSync(directory, { recursive: true, force: true })
}

export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMillis
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 4))
  }
}

export function readJson(directory: string, name: string): unknown {
  return JSON.parse(fs.readFileSync(path.join(directory, name), "utf8"))
}

export function exists(...parts: ReadonlyArray<string>): boolean {
  return fs.existsSync(path.join(...parts))
}

/** State, parent, group and session as /proc tells them; undefined once the process is gone. */
export function processStat(
  pid: number,
): { state: string; parent: number; group: number; session: number; startTicks: number } | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return {
      state: fields[0]!,
      parent: Number(fields[1]),
      group: Number(fields[2]),
      session: Number(fields[3]),
      startTicks: Number(fields[19]),
    }
  } catch {
    return undefined
  }
}

export function isAlive(pid: number): boolean {
  const stat = processStat(pid)
  return stat !== undefined && stat.state !== "Z"
}

/** Zombies included. Asked of each process: the kernel's list of children leaves some out while others end. */
export function childrenOf(parent: number): ReadonlyArray<number> {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && processStat(Number(name))?.parent === parent)
    .map(Number)
}

/** Pids whose command line mentions the text. */
export function processesMentioning(text: string): ReadonlyArray<number> {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return pid !== process.pid && fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text)
      } catch {
        return false
      }
    })
}

export interface BootOptions {
  readonly directory?: string
  readonly options?: ReadonlyArray<string>
  readonly program: ReadonlyArray<string>
  readonly env?: Record<string, string>
  /** The third descriptor, in place of a pipe that is read. */
  readonly notify?: number
  readonly executable?: string
  readonly log?: boolean
}

export class Run {
  readonly lines: Array<unknown> = []
  readonly directory: string
  readonly log: string
  readonly child: ChildProcess
  exitCode: number | null | undefined

  private constructor(directory: string, log: string, child: ChildProcess) {
    this.directory = directory
    this.log = log
    this.child = child
  }

  static boot(boot: BootOptions): Run {
    const directory = boot.directory ?? temporaryDirectory()
    const log = path.join(directory, "log")
    const child = spawn(
      boot.executable ?? shim,
      [
        "--dir",
        directory,
        "--notify",
        "3",
        ...(boot.log === false ? [] : ["--log", log]),
        ...(boot.options ?? []),
        "--",
        ...boot.program,
      ],
      {
        stdio: ["ignore", "ignore", "ignore", boot.notify ?? "pipe"],
        detached: true,
        env: { PATH: "/usr/local/bin:/usr/bin:/bin", ...boot.env },
      },
    )
    const run = new Run(directory, log, child)
    run.readNotify()
    child.once("exit", (code) => {
      run.exitCode = code
    })
    return run
  }

  private readNotify(): void {
    const stream = this.child.stdio[3]
    if (stream === null || stream === undefined || !("read" in stream)) return
    let rest = ""
    stream.on("data", (chunk: Buffer) => {
      const parts = (rest + chunk.toString("utf8")).split("\n")
      rest = parts.pop() ?? ""
      for (const part of parts) this.lines.push(JSON.parse(part))
    })
    stream.on("error", () => {})
  }

  /** Waits until the shim is gone: then the tree is empty and the log complete. */
  async gone(): Promise<this> {
    if (this.exitCode === undefined) await once(this.child, "exit")
    return this
  }
  async booted(): Promise<Identity> {
    await until("the child is booted", () => exists(this.directory, "identity"))
    return this.identity()
  }
  identity(): Identity {
    return readJson(this.directory, "identity") as Identity
  }
  status(): Status {
    return readJson(this.directory, "status") as Status
  }
  empty(): Empty {
    return readJson(this.directory, "empty") as Empty
  }
  failure(): Failure {
    return readJson(this.directory, "failure") as Failure
  }
  output(): string {
    return fs.readFileSync(this.log, "utf8")
  }
  /** The rotated files, oldest first. */
  logFiles(): ReadonlyArray<string> {
    const number = (name: string) => Number(name.slice("log.".length) || 0)
    return fs
      .readdirSync(this.directory)
      .filter((name) => /^log(\.\d+)?$/.test(name))
      .sort((a, b) => number(b) - number(a))
      .map((name) => path.join(this.directory, name))
  }
}

/** Boots and waits until the shim is gone. */
export async function ended(boot: BootOptions): Promise<Run> {
  return Run.boot(boot).gone()
}

export function sh(script: string): ReadonlyArray<string> {
  return ["/bin/sh", "-c", script]
}
