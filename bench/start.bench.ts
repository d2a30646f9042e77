// How soon the command answers, and how small the idle agent stays, beside a bare Node.

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import type { Bench } from "./Bench.ts"

const program = join(process.cwd(), "dist", "annalist.js")
/** Long enough for what runs once at the start to have run. */
const settleMillis = 3_000
/** One start and one stop each; a median of three is steady to a megabyte. */
const memoryTurns = 3

const wallMillis = async (args: ReadonlyArray<string>): Promise<number> => {
  const started = performance.now()
  const child = spawn(process.execPath, args, { stdio: "ignore" })
  const [code] = (await once(child, "close")) as [number | null]
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}`)
  return performance.now() - started
}

const residentMegabytes = async (child: ChildProcess): Promise<number> => {
  await sleep(settleMillis)
  const status = await readFile(`/proc/${child.pid}/status`, "utf8")
  const closed = once(child, "close")
  child.kill("SIGTERM")
  await closed
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}

const ready = async (child: ChildProcess): Promise<void> => {
  if (child.stdout === null) throw new Error("the agent's stdout is closed")
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('{"ready":true')) return
  throw new Error("the agent ended without its ready line")
}

const idleAgent = async (data: string): Promise<number> => {
  const ports = ["--port", "0", "--ccl-port", "0", "--grpc-port", "off", "--extra-ports", "off"]
  const child = spawn(process.execPath, [program, "agent", ...ports, "--data", data, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  await ready(child)
  return residentMegabytes(child)
}

const bareNode = (): Promise<number> =>
  residentMegabytes(spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" }))

export const bench: Bench = {
  name: "start",
  open: async () => {
    const data = await mkdtemp(join(tmpdir(), "annalist-bench-"))
    return {
      figures: [
        {
          figure: "annalist --help",
          unit: "ms",
          better: "less",
          measure: () => wallMillis([program, "--help"]),
          floor: { name: "node -e 0", measure: () => wallMillis(["-e", "0"]) },
          target: { value: 300 },
        },
        {
          figure: "idle agent, resident",
          unit: "MB",
          better: "less",
          measure: () => idleAgent(data),
          floor: { name: "idle node", measure: bareNode },
          target: { value: 110 },
          turns: memoryTurns,
        },
      ],
      close: () => rm(data, { recursive: true, force: true }),
    }
  },
}
