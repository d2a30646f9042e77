// What the Python reporter costs a job: four ranks that do nothing but small allreduces over gloo, with and without it, by turns of one
// run, into the real agent. Four ranks on fewer cores are the worst that can be asked: agent and reporters compete with the job.

import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Bench } from "./Bench.ts"

const program = join(process.cwd(), "dist", "annalist.js")
const reporters = join(process.cwd(), "reporters")
const ranks = 4
/** Each is a run with 11 turns of its own, changed over every 100 calls. */
const turns = 1

const python = ["python3", "/usr/bin/python3"].find(
  (one) => spawnSync(one, ["-c", "import torch.distributed"], { stdio: "ignore" }).status === 0,
)

interface Overhead {
  readonly with_micros: number
  readonly without_micros: number
  readonly with_processor_micros: number
  readonly without_processor_micros: number
  readonly with_caller_micros: number
  readonly without_caller_micros: number
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

const readyLine = async (child: ChildProcess): Promise<{ readonly ccl: string }> => {
  if (child.stdout === null) throw new Error("the agent's stdout is closed")
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"ready":true')) return JSON.parse(line) as { readonly ccl: string }
  }
  throw new Error("the agent ended without its ready line")
}

const job = async (url: string): Promise<Overhead> => {
  const port = String(await freePort())
  const children = Array.from({ length: ranks }, (_, rank) =>
    spawn(python ?? "python3", [join(reporters, "overhead.py")], {
      env: {
        PATH: process.env["PATH"] ?? "",
        PYTHONPATH: reporters,
        PYTHONDONTWRITEBYTECODE: "1",
        ANNALIST_CCL_URL: url,
        MASTER_ADDR: "127.0.0.1",
        MASTER_PORT: port,
        WORLD_SIZE: String(ranks),
        RANK: String(rank),
        OMP_NUM_THREADS: "1",
        GLOO_SOCKET_IFNAME: "lo",
      },
      stdio: ["ignore", "pipe", "inherit"],
    }),
  )
  const texts = await Promise.all(
    children.map(async (child) => {
      let text = ""
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
      const [code] = (await once(child, "close")) as [number | null]
      if (code !== 0) throw new Error(`a rank ended with ${code}`)
      return text
    }),
  )
  return JSON.parse(texts.join("")) as Overhead
}

export const bench: Bench = {
  name: "reporter",
  open: async () => {
    if (python === undefined) return { figures: [], close: () => Promise.resolve() }
    const data = await mkdtemp(join(tmpdir(), "annalist-bench-"))
    const ports = ["--port", "0", "--ccl-port", "0", "--grpc-port", "off", "--extra-ports", "off"]
    const agent = spawn(process.execPath, [program, "agent", ...ports, "--data", data, "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    const { ccl } = await readyLine(agent)
    // One run measures everything, with and without; the floor is the other half of the same run.
    let last: Overhead | null = null
    const run = async (): Promise<Overhead> => (last = await job(`${ccl}/log_ccl`))
    const lastRun = async (): Promise<Overhead> => last ?? (await run())
    return {
      figures: [
        {
          figure: "4 KiB allreduce over gloo, 4 ranks, reported",
          unit: "µs",
          better: "less",
          measure: async () => (await run()).with_micros,
          floor: { name: "not reported", measure: async () => (await lastRun()).without_micros },
          turns,
        },
        {
          figure: "the same, processor time of the calling thread",
          unit: "µs",
          better: "less",
          measure: async () => (await lastRun()).with_caller_micros,
          floor: { name: "not reported", measure: async () => (await lastRun()).without_caller_micros },
          turns,
        },
        {
          figure: "the same, processor time of a rank, sending included",
          unit: "µs",
          better: "less",
          measure: async () => (await lastRun()).with_processor_micros,
          floor: { name: "not reported", measure: async () => (await lastRun()).without_processor_micros },
          turns,
        },
      ],
      close: async () => {
        const closed = once(agent, "close")
        agent.kill("SIGTERM")
        await closed
        await rm(data, { recursive: true, force: true })
      },
    }
  },
}
