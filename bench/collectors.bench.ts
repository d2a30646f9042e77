// What looking at a host costs, with 500 sleeping processes beside what runs anyway, and beside other programs that look.

import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { ClassicLevel } from "classic-level"
import { Effect, ManagedRuntime, Option } from "effect"
import * as HostProcessCollector from "../src/collectors/HostProcessCollector.ts"
import { Position } from "../src/domain/Brands.ts"
import type { Event } from "../src/domain/Event.ts"
import type { ProcessesSampled } from "../src/domain/events/HostProcessEvents.ts"
import { profileNamed } from "../src/domain/tasks/Profile.ts"
import * as TaskMetrics from "../src/domain/tasks/TaskMetrics.ts"
import { EventLog } from "../src/log/EventLog.ts"
import * as LevelEventLog from "../src/log/level/LevelEventLog.ts"
import { agentFigures } from "./agentCosts.ts"
import { type Bench, type Figure } from "./Bench.ts"
import { taskEvents } from "./collectorsGiven.ts"
import { atop, type AtopLook, isThere, packages, processExporter, psutil } from "./samplers.ts"

const sleepers = 500
const crowd = 2000
const looks = 40

export const bench: Bench = {
  name: "collectors",
  open: async () => {
    const few = await sleeping(sleepers)
    const folder = mkdtempSync(join(tmpdir(), "annalist-bench-"))
    for (const name of Object.keys(packages) as ReadonlyArray<keyof typeof packages>)
      if (!isThere(name)) process.stderr.write(`collectors: not held against ${name}, which is not installed\n`)
    const agents = await agentFigures(folder)
    return {
      figures: [
        ...sampleFigures(),
        ...agents.figures,
        ...(await diskFigures(folder)),
        ...(["minimal", "standard", "intensive"] as const).map(memoryFigure),
        pauseFigure(),
      ],
      close: async () => {
        await agents.close()
        few()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}

/** Ready once all of them are there; ends them all. */
const sleeping = async (count: number): Promise<() => void> => {
  // They end with the bench, however it ends: then nobody holds the shell's input any more.
  const shell = spawn("sh", ["-c", `for i in $(seq ${count}); do sleep 3600 & done; read _; kill -9 0`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  })
  const before = processCount()
  for (let tries = 0; tries < 200 && processCount() < before + count; tries++) await sleep(50)
  return () => void shell.stdin.end()
}

const processCount = (): number => readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length

const collector = () => {
  const { collect } = HostProcessCollector.make({ intervalMillis: 3000 })
  return () => Effect.runPromise(Effect.map(collect, Option.getOrThrow))
}

/** In processor milliseconds: what else runs here costs none of them. */
const ownLook = async (): Promise<number> => {
  const look = collector()
  await look()
  const before = process.cpuUsage()
  for (let index = 0; index < looks; index++) await look()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / looks
}

/** It takes eight seconds, and gives two figures. */
let atopLook: Promise<AtopLook> | null = null
const atopOnce = () => (atopLook ??= atop(processCount()))

const sampleFigures = (): ReadonlyArray<Figure> => {
  const own = { unit: "ms", better: "less", measure: ownLook, turns: 1 } as const
  const figures: Array<Figure> = []
  const beside = (name: string, measure: () => Promise<number>, ratio: number) =>
    void figures.push({
      ...own,
      figure: `one look at ${sleepers} sleepers and all others, cpu`,
      floor: { name, measure },
      target: { ratio },
    })
  if (isThere("python3-psutil")) beside("psutil", psutil, 1 / 4)
  if (isThere("prometheus-process-exporter")) beside("process-exporter", processExporter, 1 / 8)
  if (isThere("atop")) beside("atop", async () => (await atopOnce()).cpuMillis, 1)
  return figures
}

/** Six minutes of looks, three seconds apart, as the log keeps them. */
const diskFigures = async (folder: string): Promise<ReadonlyArray<Figure>> => {
  const figure: Figure = {
    figure: "disk, a process in a look, compacted",
    unit: "bytes",
    better: "less",
    measure: () => bytesPerSample(folder),
    target: { value: 10 },
    turns: 1,
  }
  if (!isThere("atop")) return [figure]
  const { bytesPerProcess } = await atopOnce()
  return [{ ...figure, floor: { name: "atop's raw file", measure: () => Promise.resolve(bytesPerProcess) } }]
}

let logs = 0
const bytesPerSample = async (folder: string): Promise<number> => {
  const directory = join(folder, `log-${logs++}`)
  const runtime = ManagedRuntime.make(LevelEventLog.layer({ directory, ballastBytes: 0 }))
  const log = await runtime.runPromise(EventLog)
  const look = collector()
  let samples = 0
  for (let index = 0; index < 120; index++) {
    const seen = await look()
    samples += seen.total
    const event: ProcessesSampled = { ...seen, collector: "host-processes", takenMicros: index * 3e6 }
    await Effect.runPromise(log.append({ actor: "collector:host-processes", command: null, events: [event] }))
  }
  await runtime.dispose()
  const level = new ClassicLevel<Uint8Array, Uint8Array>(join(directory, "level"), {
    keyEncoding: "view",
    valueEncoding: "view",
  })
  await level.open()
  await level.compactRange(Uint8Array.of(0), Uint8Array.of(255))
  await level.close()
  const files = readdirSync(join(directory, "level"))
  const bytes = files.reduce((sum, name) => sum + statSync(join(directory, "level", name)).size, 0)
  return bytes / samples
}

const collectGarbage = (): void => {
  setFlagsFromString("--expose-gc")
  const gc = runInNewContext("gc") as () => void
  gc()
  gc()
}

const memoryMost = { minimal: 1, standard: 2, intensive: 5 } as const

/** The history of a task of four processes, full, as it lies in the projection. */
const memoryFigure = (name: keyof typeof memoryMost): Figure => ({
  figure: `memory, ${name}, full history of 4 processes`,
  unit: "MB",
  better: "less",
  turns: 3,
  target: { value: memoryMost[name] },
  measure: () => {
    const profile = profileNamed(name)
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    let state = TaskMetrics.initial()
    let position = 0
    for (const event of taskEvents(profile, 1.2 * Math.max(profile.history, 100)))
      state = TaskMetrics.evolve(state, envelope(event, ++position))
    collectGarbage()
    const bytes = process.memoryUsage().heapUsed - before
    if (state.series.size !== 1) throw new Error("the task has no history")
    return Promise.resolve(bytes / 2 ** 20)
  },
})

const envelope = (event: Event, position: number) => ({
  position: Position(position),
  at: position * 1e6,
  mono: position * 1e6,
  actor: "",
  command: null,
  event,
})

/** The longest time that the event loop had no turn while the agent looked, in 99 of 100 looks. */
const pauseFigure = (): Figure => ({
  figure: `pause by a look at ${crowd} processes, p99`,
  unit: "ms",
  better: "less",
  turns: 1,
  target: { value: 10 },
  measure: async () => {
    const end = await sleeping(crowd - sleepers)
    const look = collector()
    const pauses: Array<number> = []
    for (let index = 0; index < 100; index++) {
      let last = performance.now()
      let longest = 0
      let looking = true
      const turn = () => {
        const now = performance.now()
        longest = Math.max(longest, now - last)
        last = now
        if (looking) setImmediate(turn)
      }
      setImmediate(turn)
      await look()
      looking = false
      pauses.push(Math.max(longest, performance.now() - last))
    }
    end()
    return pauses.toSorted((a, b) => a - b)[98] ?? Number.NaN
  },
})
