// The reporter around the real torch.distributed, over gloo: every operation that it wraps, as the records tell it; and the job is the same.

import { join } from "node:path"
import { createServer } from "node:net"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { describe, expect, it } from "vitest"
import { quietPorts, root, scratch, serve, until } from "../program.ts"
import { type Counts, findTorch, lastLine, runPython } from "./python.ts"
import { openSink, type Posted } from "./sink.ts"

const torch = findTorch()
const title = torch === null ? "torch.distributed (wants python3-torch)" : "torch.distributed"

interface Told extends Counts {
  readonly lines: Readonly<Record<string, string>>
  readonly errors: ReadonlyArray<string>
  readonly gathered: ReadonlyArray<unknown>
  readonly gradient: ReadonlyArray<number>
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

/** Both ranks of programs/ops.py. */
const runOps = async (url: string, env: Readonly<Record<string, string>> = {}) => {
  const port = String(await freePort())
  const rank = (number: number) =>
    runPython(["-m", "annalist_report", join(root, "test", "reporters", "programs", "ops.py")], {
      program: torch,
      url,
      env: { MASTER_ADDR: "127.0.0.1", MASTER_PORT: port, WORLD_SIZE: "2", RANK: String(number), ...env },
    })
  const ended = await Promise.all([rank(0), rank(1)])
  for (const { code, stderr } of ended) if (code !== 0) throw new Error(stderr)
  return ended.map((one) => Object.assign(lastLine(one) as Told, { stderr: one.stderr }))
}

describe.skipIf(torch === null)(title, () => {
  it("is reported whole: every operation, its size, root, group, line, start and finish", async () => {
    const sink = await openSink()
    const told = await runOps(sink.url, { WATCH: "by hand" })
    await sink.close()
    for (const { recorded, delivered, dropped, faults, stderr } of told) {
      expect({ delivered, dropped, faults }).toEqual({ delivered: recorded, dropped: 0, faults: 0 })
      expect(stderr).not.toMatch(/annalist|deprecat/i)
    }
    expect(told[0]!.gathered).toEqual([{ rank: 0 }, { rank: 1 }])

    const of = (rank: number, finished: boolean): ReadonlyArray<Posted> =>
      sink.records.filter(
        (each) => each["context_rank"] === rank && each["context_size"] === 2 && each.finished === finished,
      )
    const brief = ({ opType, count, rootRank, remoteRank, bytes, comm_id: comm, dataType }: Posted) =>
      remoteRank === undefined
        ? `${opType} ${dataType === "uint8" ? "some" : String(count)} ${dataType ?? "-"} root ${String(rootRank)} ${comm ?? "-"}`
        : `${opType} ${String(bytes)} with ${String(remoteRank)}`
    const finished = of(0, true).map(brief).sort()
    expect(finished).toEqual(
      [
        "allreduce 11 float32 root -1 world",
        "broadcast 12 float32 root 1 world",
        "reduce 13 float32 root 1 world",
        "gather 14 float32 root 0 world",
        "scatter 15 float32 root 0 world",
        "allgather 16 float32 root -1 world",
        "alltoall 17 float32 root -1 world",
        "alltoallv 18 float32 root -1 world",
        "barrier 0 - root -1 world",
        "allreduce 19 float64 root -1 world",
        "allreduce 20 float32 root -1 world",
        "broadcast 21 float32 root 0 0-1:1",
        "send 92 with 1",
        "isend 96 with 1",
        "recv 100 with -1",
        "isend 104 with 1",
        "irecv 104 with 1",
        "allgather 1 int64 root -1 world",
        "allgather some uint8 root -1 world",
        "allreduce 8 float32 root -1 world",
      ].sort(),
    )
    // What gloo cannot do has a start, and the reason; rank 1 saw the same.
    const failed = sink.records.filter((each) => each["context_rank"] === 0 && each["error"] !== undefined)
    expect(failed.map(({ opType, count }) => [opType, count])).toEqual([
      ["reduce_scatter", 27],
      ["reduce_scatter", 28],
      ["allgather", 29],
      ["alltoall", 30],
    ])
    expect(of(1, true)).toHaveLength(20)
    const alone = sink.records.filter((each) => each["context_size"] === 1)
    expect(alone.map(({ comm_id: comm, opType, count }) => [comm, opType, count])).toEqual([
      ["1:2", "allreduce", 22],
      ["1:2", "allreduce", 22],
    ])

    // Where in the program, by both ranks alike.
    for (const [index, { lines }] of told.entries()) {
      const files = new Set(of(index, false).map((each) => each["filename"]))
      const known = Object.entries(lines).filter(([name]) => name !== "alone")
      for (const [name, line] of known)
        expect([name, Array.from(files).some((file) => String(file).endsWith(line))]).toEqual([name, true])
    }
    expect(new Set(sink.records.map((each) => each["run_id"])).size).toBe(1)
    expect(sink.records[0]!["run_id"]).toMatch(/^127\.0\.0\.1:\d+ \d{4}-\d\d-\d\dT/)
  })

  it("gives the same results whether it is reported or not, with its gradients reduced by the hook or without", async () => {
    const sink = await openSink()
    const [plain] = await runOps(sink.url, { ANNALIST_REPORT: "off" })
    expect(sink.connections()).toBe(0)
    const [hooked] = await runOps(sink.url, { ANNALIST_REPORT_DDP: "on" })
    await sink.close()
    expect(hooked!.gradient).toEqual(plain!.gradient)
    expect(hooked!.errors).toEqual(plain!.errors)
    expect(
      sink.records.filter(({ opType, count, finished }) => opType === "allreduce" && count === 8 && finished),
    ).toHaveLength(2)
  })

  it("is understood by the real agent: four ranks, of which one stops", async () => {
    const data = await scratch()
    const agent = await serve(
      ["agent", ...quietPorts, "--data", data.path, "--hang-limit", "3", "--script-roots", root],
      {
        env: { ANNALIST_TELEMETRY_INTERVAL: "1" },
      },
    )
    const ask = (path: string, body?: unknown) =>
      fetch(`${agent.ready.http}${path}`, {
        method: body === undefined ? "GET" : "POST",
        ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      }).then((answer) => answer.json() as Promise<{ readonly verdict?: string; readonly sentence?: string }>)
    try {
      await ask("/start", {
        script_path: join(root, "fixtures", "jobs", "torch", "ranks.sh"),
        env_vars: {
          PYTHON: torch!,
          PYTHONPATH: join(root, "reporters"),
          MASTER_PORT: String(await freePort()),
          ANNALIST_CCL_URL: `${agent.ready.ccl}/log_ccl`,
          FAULT: "sigstop",
          MODE: "plain",
        },
      })
      const hung = await until(
        async () => {
          const answer = await ask("/v1/ccl/verdict")
          return answer.verdict === "missing_rank" ? answer : null
        },
        "the verdict",
        60_000,
      )
      expect(hung.sentence).toMatch(/^rank 2 \(.*\) never entered allreduce .*stopped \(T\).*3 ranks wait/)
    } finally {
      await ask("/stop", {})
      await agent.stop()
      await data.remove()
    }
  })
})
