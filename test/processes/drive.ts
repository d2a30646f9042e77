// The real program with its gRPC port, asked by curl, by Python's own gRPC and over HTTP, as its clients would.

import { type ChildProcess, execFile, spawn } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { request } from "node:http"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { createInterface } from "node:readline"
import { promisify } from "node:util"
import { type Running, serve } from "../program.ts"

/** The fields of bodies that tests look into. What an answer lacks is undefined, and fails what is expected of it. */
export interface Body {
  readonly id: string
  readonly pid: number
  readonly status: string
  readonly error: string
  readonly processes: ReadonlyArray<Listed>
  readonly current_status: string
  readonly current_pid: number | null
  readonly last_execution: Readonly<Record<string, unknown>> & { readonly start_time: number }
  readonly metrics: {
    readonly system_memory_total_bytes: number
    readonly process_metrics: { readonly cpu_usage: number | null } | null
  }
  readonly derived_metrics: { readonly memory_usage_percent: number }
}

export interface Listed {
  readonly id: string
  readonly pid: number
  readonly status: string
  readonly boots: number
  readonly exit_code: number | null
  readonly exit_signal: number | null
  readonly ended_at: string
}

export interface HttpAnswer {
  readonly status: number
  readonly body: Body
}

export interface Instance {
  readonly uuid: { readonly uuid: string }
  readonly status_code: string
  readonly return_code: number
  readonly process_description: {
    readonly metadata: { readonly name: string; readonly hostname: string }
    readonly env: Readonly<Record<string, string>>
  }
}

export interface DruncAnswer {
  readonly flag: number
  readonly type: string
  readonly data: {
    readonly type: string
    readonly values: ReadonlyArray<Instance>
    readonly text: ReadonlyArray<string>
    readonly line: string
    readonly commands: ReadonlyArray<{ readonly name: string }>
  }
}

export interface Agent extends Running {
  readonly http: string
  readonly grpc: string
  readonly ask: (method: string, path: string, body?: unknown) => Promise<HttpAnswer>
}

export const agent = async (data: string, flags: ReadonlyArray<string> = [], cwd?: string): Promise<Agent> => {
  const ports = ["--port", "0", "--ccl-port", "0", "--extra-ports", "off", "--grpc-port", "0"]
  const running = await serve(["agent", ...ports, "--data", data, ...flags], cwd === undefined ? {} : { cwd })
  const { http, grpc } = running.ready as typeof running.ready & { grpc: string }
  const ask = (method: string, path: string, body?: unknown) => askOnce(new URL(path, http), method, body)
  return { ...running, http, grpc, ask }
}

/** On a connection of its own that ends with the answer: none of them is left to be counted as a descriptor. */
const askOnce = (url: URL, method: string, body: unknown): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json" }
    const asked = request(url, { method, headers, agent: false }, (answer) => {
      let text = ""
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) as Body }))
    })
    asked.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body))
  })

const run = promisify(execFile)

/** By the seed's own words: `curl … -d '{…}'`. */
export const curl = async (...args: ReadonlyArray<string>): Promise<HttpAnswer> => {
  const { stdout } = await run("curl", ["-sS", "-w", "\n%{http_code}", ...args])
  const cut = stdout.lastIndexOf("\n")
  return { status: Number(stdout.slice(cut + 1)), body: JSON.parse(stdout.slice(0, cut)) as Body }
}

export interface Asked {
  readonly call: string
  readonly type?: string
  readonly data?: object
  readonly raw?: string
  readonly token?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** Python's client; what it asks for is made from what the server's reflection told it. */
export const python = async (address: string, ...tls: ReadonlyArray<string>) => {
  const child: ChildProcess = spawn("/usr/bin/python3", [join(import.meta.dirname, "client.py"), address, ...tls], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION: "python" },
  })
  let stderr = ""
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk))
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]()
  const next = async () => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`the client ended: ${stderr}`)
    return JSON.parse(line.value) as unknown
  }
  await next()
  return {
    ask: async (asked: Asked): Promise<DruncAnswer> => {
      child.stdin?.write(`${JSON.stringify(asked)}\n`)
      return (await next()) as DruncAnswer
    },
    /** For `logs`, which answers with a stream. */
    lines: async (asked: Asked): Promise<ReadonlyArray<DruncAnswer>> => {
      child.stdin?.write(`${JSON.stringify(asked)}\n`)
      return (await next()) as ReadonlyArray<DruncAnswer>
    },
    end: () => void child.kill("SIGKILL"),
  }
}

export const instances = (answer: DruncAnswer): ReadonlyArray<Instance> => answer.data.values

export const bootOf = (
  name: string,
  programs: ReadonlyArray<ReadonlyArray<string>>,
  more: object = {},
  hosts = ["localhost"],
): Asked => ({
  call: "boot",
  type: "BootRequest",
  data: {
    process_description: {
      metadata: { user: "tester", session: "run", name },
      executable_and_arguments: programs.map(([exec, ...args]) => ({ exec, args })),
      process_execution_directory: "/",
      ...more,
    },
    process_restriction: { allowed_hosts: hosts },
  },
})

export const query = (call: string, data: object): Asked => ({ call, type: "ProcessQuery", data })

/** Pids of everybody whose environment carries the text, zombies left out. */
export const carrying = (text: string): ReadonlyArray<number> =>
  readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const isDead = /\) [ZX] /.test(readFileSync(`/proc/${name}/stat`, "latin1"))
      return !isDead && readFileSync(`/proc/${name}/environ`, "latin1").includes(text) ? [Number(name)] : []
    } catch {
      return []
    }
  })

/** Shims of one data directory. */
export const shimsOf = (data: string): ReadonlyArray<number> =>
  readdirSync("/proc").flatMap((name) => {
    try {
      const words = /^\d+$/.test(name) ? readFileSync(`/proc/${name}/cmdline`, "latin1") : ""
      return words.includes("annalist-shim") && words.includes(data) ? [Number(name)] : []
    } catch {
      return []
    }
  })
