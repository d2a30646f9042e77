// How long a boot takes until its pid is answered, beside a bare spawn; and how many a second.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { type Bench, median } from "./Bench.ts"

const program = join(process.cwd(), "dist", "annalist.js")
const bootsMeasured = 20
const boostCount = 100

const boot = async (http: string): Promise<void> => {
  const answer = await fetch(`${http}/v1/processes`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ argv: ["true"] }),
  })
  const { pid } = (await answer.json()) as { readonly pid: number | null }
  if (answer.status !== 201 || pid === null) throw new Error(`a boot was answered with ${answer.status}`)
}

const bare = async (): Promise<void> => {
  const child = spawn("true", [], { stdio: "ignore" })
  await once(child, "spawn")
}

/** One after the other. */
const medianMillis = async (run: () => Promise<void>): Promise<number> => {
  const times: Array<number> = []
  for (let index = 0; index < bootsMeasured; index++) {
    const began = performance.now()
    await run()
    times.push(performance.now() - began)
  }
  return median(times)
}

/** All asked for at once. */
const perSecond = async (run: () => Promise<void>): Promise<number> => {
  const began = performance.now()
  await Promise.all(Array.from({ length: boostCount }, run))
  return boostCount / ((performance.now() - began) / 1000)
}

export const bench: Bench = {
  name: "processes",
  open: async () => {
    const data = await mkdtemp(join(tmpdir(), "annalist-bench-"))
    const ports = ["--port", "0", "--ccl-port", "off", "--grpc-port", "off", "--extra-ports", "off"]
    const agent = spawn(process.execPath, [program, "agent", ...ports, "--data", data, "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    let http = ""
    for await (const line of createInterface({ input: agent.stdout })) {
      http = (JSON.parse(line) as { readonly http: string }).http
      break
    }
    agent.stdout.resume()
    return {
      figures: [
        {
          figure: "boot to pid, p50, beyond a bare spawn",
          unit: "ms",
          better: "less",
          measure: async () => (await medianMillis(() => boot(http))) - (await medianMillis(bare)),
          floor: { name: "bare spawn", measure: () => medianMillis(bare) },
          target: { value: 25 },
        },
        {
          figure: "boots answered, 100 at once",
          unit: "per s",
          better: "more",
          measure: () => perSecond(() => boot(http)),
          floor: { name: "bare spawns", measure: () => perSecond(bare) },
          target: { value: 100 },
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
