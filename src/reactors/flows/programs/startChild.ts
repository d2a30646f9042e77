// Starts a routine program as a child with pipes: JSON lines in and out, what it prints beside them kept short.

import { spawn } from "node:child_process"
import type { Readable } from "node:stream"
import { jobEnvironment } from "../jobEnvironment.ts"
import type { StartProgram } from "./Program.ts"

/** A line holds one emission with its words around it. */
const maxLine = 512 * 1024
const maxPrinted = 4000
const politeMillis = 1000

/** `environment` is all that the child sees of the agent's own. */
export const startChild =
  (environment: Readonly<Record<string, string>>): StartProgram =>
  (program, job, listener) => {
    const [command, ...args] = program.argv
    const child = spawn(command, args, {
      cwd: program.workingDirectory,
      env: { ...environment, ...jobEnvironment(job) },
      // A group of its own: whatever it starts ends with it.
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    })
    let hasEnded = false
    const ended = (reason: string) => {
      if (hasEnded) return
      hasEnded = true
      signal("SIGKILL")
      listener.ended(reason)
    }
    const signal = (name: "SIGTERM" | "SIGKILL") => {
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, name)
      } catch {
        // ESRCH: nothing of the group is left.
      }
    }
    child.on("error", (error) => ended(`${command} cannot be run: ${error.message}`))
    child.on("close", (code, name) => ended(name === null ? `it ended with ${code}` : `it was ended by ${name}`))
    child.on("exit", () => signal("SIGKILL"))
    // EPIPE: it has ended or closed its input; its end says more.
    child.stdin.on("error", () => undefined)
    lines(child.stdout, listener.line, () => {
      listener.overflow()
      signal("SIGKILL")
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => listener.printed(text.slice(0, maxPrinted)))
    const kill = () => signal("SIGKILL")
    return {
      write: (text) => void (child.stdin.writable && child.stdin.write(text)),
      end: () => {
        child.stdin.end()
        setTimeout(() => signal("SIGTERM"), politeMillis).unref()
        setTimeout(kill, 2 * politeMillis).unref()
      },
      kill,
    }
  }

const lines = (from: Readable, take: (line: string) => void, overflow: () => void): void => {
  let rest = ""
  from.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n")
    rest = parts.pop() ?? ""
    for (const part of parts) if (part.trim() !== "") take(part)
    if (rest.length <= maxLine) return
    from.removeAllListeners("data").resume()
    overflow()
  })
}
