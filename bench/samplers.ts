// Other programs that look at every process of a host, and what one look of theirs costs: processor milliseconds.

import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/** Debian's packages, by the file that tells they are there. */
export const packages = {
  "python3-psutil": "/usr/lib/python3/dist-packages/psutil/__init__.py",
  "prometheus-process-exporter": "/usr/bin/prometheus-process-exporter",
  atop: "/usr/bin/atop",
} as const

export const isThere = (name: keyof typeof packages): boolean => existsSync(packages[name])

/** Processor time of a running process with all its threads, ms; the kernel counts in hundredths of a second. */
export const cpuMillis = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return (Number(fields[11]) + Number(fields[12])) * 10
}

const psutilLooks = 10
const psutilProgram = `
import psutil, resource
wanted = ["pid", "cpu_times", "memory_info", "status", "num_threads", "create_time"]
def look():
    for one in psutil.process_iter(wanted): pass
look()
def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
before = used()
for _ in range(${psutilLooks}): look()
print((used() - before) * 1000 / ${psutilLooks})
`

export const psutil = (): Promise<number> =>
  Promise.resolve(Number(execFileSync("/usr/bin/python3", ["-c", psutilProgram], { encoding: "utf8" })))

const scrapes = 8

/** One group a process, threads left out: as near to a list of processes as it gets. */
export const processExporter = async (): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), "annalist-bench-"))
  const configuration = join(folder, "all.yml")
  writeFileSync(
    configuration,
    'process_names:\n  - name: "{{.PID}}"\n    cmdline: [".*"]\n  - name: "{{.PID}}"\n    comm: [".*"]\n',
  )
  const port = await freePort()
  const program = packages["prometheus-process-exporter"]
  const child = spawn(
    program,
    ["-config.path", configuration, `-web.listen-address=127.0.0.1:${port}`, "-threads=false"],
    {
      stdio: "ignore",
    },
  )
  try {
    const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    await answering(scrape)
    await scrape()
    const before = cpuMillis(child.pid ?? 0)
    for (let index = 0; index < scrapes; index++) await scrape()
    return (cpuMillis(child.pid ?? 0) - before) / scrapes
  } finally {
    await ended(child)
    rmSync(folder, { recursive: true, force: true })
  }
}

const atopSamples = 6

export interface AtopLook {
  readonly cpuMillis: number
  /** Of its raw file, for each process of a sample. */
  readonly bytesPerProcess: number
}

/** A sample a second into its raw file; the second sample is the first of the usual ones. */
export const atop = async (processes: number): Promise<AtopLook> => {
  const folder = mkdtempSync(join(tmpdir(), "annalist-bench-"))
  const file = join(folder, "raw")
  const child = spawn(packages.atop, ["-w", file, "1"], { stdio: "ignore" })
  try {
    await sleep(2500)
    const before = { cpu: cpuMillis(child.pid ?? 0), bytes: statSync(file).size }
    await sleep(atopSamples * 1000)
    const after = { cpu: cpuMillis(child.pid ?? 0), bytes: statSync(file).size }
    return {
      cpuMillis: (after.cpu - before.cpu) / atopSamples,
      bytesPerProcess: (after.bytes - before.bytes) / atopSamples / processes,
    }
  } finally {
    await ended(child)
    rmSync(folder, { recursive: true, force: true })
  }
}

const ended = async (child: ChildProcess): Promise<void> => {
  const closed = once(child, "close")
  child.kill("SIGKILL")
  await closed
}

const answering = async (ask: () => Promise<unknown>): Promise<void> => {
  for (let tries = 0; tries < 100; tries++) {
    try {
      await ask()
      return
    } catch {
      // Not listening yet.
      await sleep(50)
    }
  }
  throw new Error("the exporter does not answer")
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
