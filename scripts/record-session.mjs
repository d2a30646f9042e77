// Records fixtures/sessions/four-ranks-hang.ndjson anew: the real agent, the real job, a rank that really stops.
// Names of this machine stay out of it: as root on Linux it runs under a host name of its own, in a folder under /tmp.

import { spawn, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { root } from "./root.mjs"

const folder = "/tmp/annalist-demo"
const target = join(root, "fixtures", "sessions", "four-ranks-hang.ndjson")
const annalist = join(root, "dist", "annalist.js")
const hostName = "node-3"

if (process.getuid() === 0 && process.env.RECORDING !== "1") {
  const inside = `hostname ${hostName} && RECORDING=1 exec "$0" "$1"`
  const { status } = spawnSync("unshare", ["--uts", "sh", "-c", inside, process.execPath, import.meta.filename], {
    stdio: "inherit",
  })
  process.exit(status ?? 1)
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
cpSync(join(root, "fixtures", "jobs"), join(folder, "jobs"), { recursive: true })

const settings = ["--port", "0", "--ccl-port", "0", "--extra-ports", "off", "--grpc-port", "off"]
const rhythm = ["--hang-limit", "10", "--telemetry-interval", "1"]
const agent = spawn(process.execPath, [annalist, "agent", ...settings, ...rhythm, "--node-id", hostName, "--json"], {
  cwd: folder,
  env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: folder },
  stdio: ["ignore", "pipe", "inherit"],
})
const ready = await new Promise((resolve) => {
  createInterface({ input: agent.stdout }).once("line", (line) => resolve(JSON.parse(line)))
})

const ask = async (path, body) => {
  const response = await fetch(new URL(path, ready.http), {
    method: body === undefined ? "GET" : "POST",
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  })
  return response.json()
}
const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

await wait(3000)
await ask("/start", {
  script_path: "jobs/four-ranks.sh",
  env_vars: {
    CCL_URL: ready.ccl,
    RENDEZVOUS: join(folder, "rendezvous"),
    ROUNDS: "1000",
    COMPUTE_MS: "120",
    STOP_RANK: "2",
    STOP_ROUND: "64",
  },
})
for (;;) {
  const verdict = await ask("/v1/ccl/verdict")
  if (verdict.verdict === "missing_rank" && verdict.age_seconds >= 25) {
    console.log(verdict.sentence)
    break
  }
  await wait(500)
}
const exported = spawnSync(process.execPath, [annalist, "export", "--url", ready.http, "-o", target], {
  stdio: "inherit",
})
await ask("/stop", {})
agent.kill("SIGTERM")
await new Promise((resolve) => agent.once("exit", resolve))
rmSync(folder, { recursive: true, force: true })
process.exit(exported.status ?? 1)
