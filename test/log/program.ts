// Builds and runs the small programs that the fault tests kill, starve and cut off.

import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { build } from "rolldown"

const root = join(import.meta.dirname, "../..")

/** Inside the repository, so that the program finds its compiled dependencies. */
export const built = async (name: string, by: string): Promise<string> => {
  const file = join(root, `dist-test-${by}`, `${name}.mjs`)
  await build({
    input: join(import.meta.dirname, "programs", `${name}.ts`),
    platform: "node",
    external: [/^node:/, "classic-level"],
    output: { file, format: "esm", codeSplitting: false },
    logLevel: "silent",
  })
  return file
}

export interface Running {
  readonly child: ChildProcess
  readonly lines: ReadonlyArray<string>
  /** Resolves with the first line that fits; rejects when the program ends before. */
  readonly line: (fits: (line: string) => boolean) => Promise<string>
  readonly ended: Promise<number | null>
  readonly kill: () => Promise<void>
}

export const run = (command: ReadonlyArray<string>): Running => {
  const [file, ...args] = command
  const child = spawn(file ?? "", args, { stdio: ["ignore", "pipe", "pipe"] })
  const lines: Array<string> = []
  let rest = ""
  let waiting: Array<() => void> = []
  const wake = () => {
    const woken = waiting
    waiting = []
    for (const each of woken) each()
  }
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n")
    rest = parts.pop() ?? ""
    lines.push(...parts)
    wake()
  })
  const errors: Array<string> = []
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text))
  let over = false
  const ended = once(child, "close").then(() => {
    over = true
    wake()
    return child.exitCode
  })
  const line = async (fits: (line: string) => boolean): Promise<string> => {
    while (true) {
      const found = lines.find(fits)
      if (found !== undefined) return found
      if (over) throw new Error(`the program ended: ${lines.slice(-5).join(" | ")} ${errors.join("").slice(-2000)}`)
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  const kill = async () => {
    child.kill("SIGKILL")
    await ended
  }
  return { child, lines, line, ended, kill }
}

/** Why a test that needs root or a tool cannot run here; null when it can. */
export const lacking = (needs: { readonly root?: boolean; readonly tools?: ReadonlyArray<string> }): string | null => {
  if (process.platform !== "linux") return "needs Linux"
  if (needs.root === true && process.getuid?.() !== 0) return "needs root"
  const missing = (needs.tools ?? []).filter((tool) => !onPath(tool))
  return missing.length > 0 ? `needs ${missing.join(", ")}` : null
}

const onPath = (tool: string): boolean =>
  (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, tool)))

/** Whether something that needs the kernel's consent works here, and if not, what it said. */
export const attempt = (command: string, ...args: ReadonlyArray<string>): string | null => {
  try {
    execFileSync(command, args, { stdio: ["ignore", "ignore", "pipe"] })
    return null
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}
