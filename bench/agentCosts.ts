// What looking costs a whole agent: its processor time with the collectors at work, less that of one whose collectors rest.

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import type { Figure } from "./Bench.ts"
import { cpuMillis } from "./samplers.ts"

const program = join(process.cwd(), "dist", "annalist.js")
/** Looks are made often and counted, so that what one costs is known to a fraction of the kernel's hundredths. */
const fastSeconds = 0.25
const restSeconds = 3600
const spanMillis = 12_000
const settleMillis = 4000

interface Agent {
  readonly child: ChildProcess
  readonly http: string
}

const start = async (folder: string, name: string, telemetrySeconds: number): Promise<Agent> => {
  const ports = ["--port", "0", "--ccl-port", "off", "--grpc-port", "off", "--extra-ports", "off"]
  const settings = [
    "--data",
    join(folder, name),
    "--telemetry-interval",
    String(telemetrySeconds),
    "--script-roots",
    folder,
  ]
  const child = spawn(process.execPath, [program, "agent", ...ports, ...settings, "--log-level", "warning", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    child.stdout.resume()
    return { child, http: (JSON.parse(line) as { readonly http: string }).http }
  }
  throw new Error("the agent ended without its ready line")
}

const stop = async ({ child }: Agent): Promise<void> => {
  const closed = once(child, "close")
  child.kill("SIGTERM")
  await closed
}

const post = async (agent: Agent, path: string, body: unknown): Promise<void> => {
  const answer = await fetch(`${agent.http}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })
  if (answer.status >= 300) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`)
}

/** What each costs in a second, all of them measured over the same seconds. */
const costsPerSecond = async (agents: ReadonlyArray<Agent>): Promise<ReadonlyArray<number>> => {
  await sleep(settleMillis)
  const pids = agents.map(({ child }) => child.pid ?? 0)
  const before = pids.map(cpuMillis)
  await sleep(spanMillis)
  return pids.map((pid, index) => (cpuMillis(pid) - (before[index] ?? 0)) / (spanMillis / 1000))
}

/** A tree of four: the task, and three below it. */
const treeScript = "for i in 1 2; do sleep 3600 & done; sh -c 'sleep 3600; :'\n"

const fields = (all: boolean) => ({
  collect_disk_io: all,
  collect_network_io: all,
  collect_threads: all,
  collect_file_descriptors: all,
})

/** Each looks once a second at what its profile wants; what a look costs is spread over the profile's interval. */
const profiles = [
  { name: "minimal", intervalSeconds: 60, most: 0.1, fields: fields(false), history: 0 },
  { name: "standard", intervalSeconds: 10, most: 0.3, fields: fields(true), history: 100 },
  { name: "intensive", intervalSeconds: 1, most: 1, fields: fields(true), history: 1000 },
] as const

const hostPercent = async (folder: string): Promise<number> => {
  const agents = [await start(folder, "resting", restSeconds), await start(folder, "looking", fastSeconds)]
  const [resting = 0, looking = 0] = await costsPerSecond(agents)
  for (const agent of agents) await stop(agent)
  const millisPerLook = (looking - resting) * fastSeconds
  return (100 * millisPerLook) / 3000
}

const profileMillis = async (folder: string): Promise<ReadonlyArray<number>> => {
  writeFileSync(join(folder, "tree.sh"), treeScript)
  const agents: Array<Agent> = []
  for (const { name, fields: wanted, history } of [{ name: "none", fields: {}, history: 0 }, ...profiles]) {
    const agent = await start(folder, name, restSeconds)
    agents.push(agent)
    const profile = { enabled: name !== "none", interval: 1, ...wanted, history_size: history }
    await post(agent, "/tasks", { id: name, name, file: join(folder, "tree.sh"), monitoring_profile: profile })
  }
  const [none = 0, ...others] = await costsPerSecond(agents)
  for (const agent of agents) {
    await fetch(`${agent.http}/tasks`).then(async (answer) => {
      const { tasks } = (await answer.json()) as { readonly tasks: ReadonlyArray<{ readonly id: string }> }
      for (const { id } of tasks) await post(agent, `/tasks/${id}/stop`, {})
    })
    await stop(agent)
  }
  return others.map((cost) => Math.max(0, cost - none))
}

const answerMillis = async (agent: Agent): Promise<number> => {
  const times: Array<number> = []
  for (let index = 0; index < 500; index++) {
    const began = performance.now()
    await (await fetch(`${agent.http}/api/processes`)).text()
    times.push(performance.now() - began)
  }
  return times.toSorted((a, b) => a - b)[494] ?? Number.NaN
}

export const agentFigures = async (
  folder: string,
): Promise<{ readonly figures: ReadonlyArray<Figure>; readonly close: () => Promise<void> }> => {
  const asked = await start(folder, "asked", 3)
  await sleep(settleMillis)
  let measured: Promise<ReadonlyArray<number>> | null = null
  const once = () => (measured ??= profileMillis(folder))
  let sampled: Promise<number> | null = null
  return {
    figures: [
      {
        unit: "% of a core",
        better: "less",
        turns: 1,
        figure: "host sampler at 3 s",
        measure: () => (sampled ??= hostPercent(folder)),
        target: { value: 0.3 },
      },
      ...profiles.map(({ name, intervalSeconds, most }, index): Figure => ({
        figure: `profile ${name}, a tree of 4`,
        unit: "% of a core",
        better: "less",
        turns: 1,
        measure: async () => ((await once())[index] ?? Number.NaN) / 10 / intervalSeconds,
        target: { value: most },
      })),
      {
        figure: "GET /api/processes, p99",
        unit: "ms",
        better: "less",
        turns: 3,
        measure: () => answerMillis(asked),
        target: { value: 10 },
      },
    ],
    close: () => stop(asked),
  }
}
