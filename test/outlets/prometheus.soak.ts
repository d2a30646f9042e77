// A real Prometheus scrapes the agent for a minute, with a thousand short-lived processes in between; every query of the dashboard answers.

import { spawn, spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { quietPorts, root, scratch, serve, until } from "../program.ts"
import { freePort } from "./mosquitto.ts"

interface Answered {
  readonly status: string
  readonly data: { readonly result: ReadonlyArray<unknown> }
}

it("is scraped for a minute: every series taken, labels bounded, the dashboard answered", async () => {
  const folder = await scratch()
  const agent = await serve(["agent", ...quietPorts, "--data", "data", "--telemetry-interval", "1"], {
    cwd: folder.path,
  })
  const post = async (path: string, body: unknown) => {
    const response = await fetch(new URL(path, agent.ready.http), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    })
    return (await response.json()) as { readonly id: string }
  }
  const port = await freePort()
  const config = readFileSync(join(root, "deploy", "prometheus.yml"), "utf8")
    .replace("127.0.0.1:8080", new URL(agent.ready.http).host)
    .replace("10s", "1s")
    .replace("prometheus-rules.yml", join(root, "deploy", "prometheus-rules.yml"))
  writeFileSync(join(folder.path, "prometheus.yml"), config)
  const prometheus = spawn(
    "prometheus",
    [`--config.file=prometheus.yml`, `--storage.tsdb.path=tsdb`, `--web.listen-address=127.0.0.1:${port}`],
    { cwd: folder.path, stdio: "ignore" },
  )
  const query = async (path: string) => (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as Answered
  const asked = (expression: string) => query(`/api/v1/query?query=${encodeURIComponent(expression)}`)
  try {
    await post("/v1/processes", { argv: ["/bin/sleep", "3600"], name: "stays" })
    await post("/v1/metrics/custom", { run: "train", gauges: { loss: 0.25 }, counters: { steps_total: 7 } })
    const began = performance.now()
    for (let index = 0; index < 1000; index += 20) {
      const some = Array.from({ length: 20 }, (_, one) =>
        post("/v1/processes", { argv: ["/bin/sleep", "0.2"], name: `brief-${index + one}` }),
      )
      await Promise.all(some)
    }
    await until(() => Promise.resolve(performance.now() - began > 60_000 || null), "a minute", 120_000)

    const text = await (await fetch(new URL("/v1/metrics", agent.ready.http))).text()
    const lint = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" })
    expect(`${lint.stdout}${lint.stderr}`).toBe("")
    expect(text.split("\n").length).toBeLessThan(500)
    const rules = spawnSync("promtool", ["check", "rules", join(root, "deploy", "prometheus-rules.yml")])
    expect(rules.status).toBe(0)

    expect((await asked('min_over_time(up{job="annalist"}[50s])')).data.result).toMatchObject([
      { value: [expect.any(Number), "1"] },
    ])
    const scraped = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
    const held = await asked('scrape_samples_post_metric_relabeling{job="annalist"}')
    expect(Number((held.data.result[0] as { value: [number, string] }).value[1])).toBe(scraped.length)
    const all = await query("/api/v1/label/name/values")
    // A scrape sees those that lived at the moment of a sample; none of them leaves a label in the next one.
    expect(text).not.toContain("brief-")
    expect((all as unknown as { data: ReadonlyArray<string> }).data).toContain("stays")

    const dashboard = JSON.parse(readFileSync(join(root, "deploy", "grafana-dashboard.json"), "utf8")) as {
      panels: ReadonlyArray<{ title: string; targets: ReadonlyArray<{ expr: string }> }>
    }
    for (const { title, targets } of dashboard.panels) {
      for (const { expr } of targets) {
        const answer = await asked(expr)
        expect(answer.data?.result.length ?? 0, `${title}: ${expr}`).toBeGreaterThan(0)
      }
    }
  } finally {
    prometheus.kill()
    await agent.stop()
    await folder.remove()
  }
})
