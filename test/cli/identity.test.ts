// Live, opened and replayed: one and the same answer to every question that can be asked about a moment.

import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import { quietPorts, run, scratch, serve, until } from "../program.ts"

interface Described {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly parameters?: ReadonlyArray<{ readonly name: string }> }>>>
  >
}

const textOf = async (url: string): Promise<string> => {
  const response = await fetch(url)
  return `${response.status} ${await response.text()}`
}

/** What tells of the server and its present, not of the moment asked about. */
const ofServer = /"(head":\{[^}]*\}|source":"\w+"|read_only":\w+|log_bytes":\d+|searched_from":\d+),?/g

/** An export tells when it was made, which its end line's digest covers. */
const ofExport = /"(created|digest)":"[^"]*","crc":"\w+"/g

/** These answer from more than the log: whether the server is ready, and which node the live agent itself is. */
const beyondTheLog = new Set(["/v1/health/live", "/v1/health/ready", "/proplets"])

it(
  "answers the same bytes live, opened and replayed, whatever is asked about a moment",
  { timeout: 120_000 },
  async () => {
    const { path, remove } = await scratch()
    await writeFile(join(path, "job.sh"), "echo hello\nexit 3\n")
    const live = await serve(["agent", "--data", join(path, "data"), "--script-roots", path, ...quietPorts], {
      cwd: path,
    })
    const { http } = live.ready
    const json = { "content-type": "application/json" }
    await fetch(`${http}/v1/processes`, {
      method: "POST",
      headers: json,
      body: JSON.stringify({ script_path: "job.sh" }),
    })
    const lines = [0, 1, 2].flatMap((rank) =>
      [false, true].map((finished) => ({
        opType: "allreduce",
        run_id: "r",
        context_rank: rank,
        context_size: 3,
        startTime: 1000 + rank,
        endTime: finished ? 2000 : null,
        finished,
        pid: 100 + rank,
      })),
    )
    await fetch(`${http}/log_ccl`, { method: "POST", headers: json, body: JSON.stringify(lines) })
    const position = await until(async () => {
      const { processes, head } = (await (await fetch(`${http}/v1/state`)).json()) as {
        readonly processes: { readonly running: number; readonly total: number }
        readonly head: { readonly position: number }
      }
      return processes.total === 1 && processes.running === 0 ? head.position : null
    }, "the end of the script")
    const file = join(path, "session.ndjson")
    expect(await run(["export", "--url", http, "--to", String(position), "-o", file])).toMatchObject({ code: 0 })
    const opened = await serve(["open", file])
    const replayed = await serve(["replay", file, "--speed", "max"])
    const { paths } = (await (await fetch(`${http}/openapi.json`)).json()) as Described
    const asked = Object.entries(paths)
      .filter(([route, { get }]) => get?.parameters?.some(({ name }) => name === "at") === true && !route.includes("{"))
      .map(([route]) => route)
      .filter((route) => !beyondTheLog.has(route))
    expect(asked.length).toBeGreaterThan(10)
    expect(asked).toContain("/v1/state")
    await until(
      async () => ((await textOf(`${replayed.ready.http}/v1/replay`)).includes('"ended"') ? true : null),
      "the end",
    )
    for (const route of asked) {
      const [first, ...others] = await Promise.all(
        [live, opened, replayed].map(async ({ ready }) =>
          (await textOf(`${ready.http}${route}?at=${position}`)).replaceAll(ofServer, "").replaceAll(ofExport, ""),
        ),
      )
      for (const other of others) expect(other, route).toBe(first)
    }
    const verdicts = await Promise.all(
      [http, file, replayed.ready.http].map((source) => run(["explain", source, "--at", String(position), "--json"])),
    )
    expect(new Set(verdicts.map(({ stdout }) => stdout)).size).toBe(1)
    for (const server of [replayed, opened, live]) await server.stop()
    await remove()
  },
)
