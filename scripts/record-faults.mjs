// Records fixtures/sessions/torch-*.ndjson.gz anew: four ranks of torch.distributed over gloo, one fault each, through the real reporter and
// the real agent. `node scripts/record-faults.mjs` records all, with names only those. Wants root (a host name of its own) and
// Debian's python3-torch. torch-faults.json beside the sessions says what is in each; it is written by hand.

import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs"
import http from "node:http"
import { createServer } from "node:net"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { root } from "./root.mjs"

const folder = "/tmp/annalist-torch"
const sessions = join(root, "fixtures", "sessions")
const annalist = process.env.ANNALIST_PROGRAM ?? join(root, "dist", "annalist.js")
const hostName = "node-3"
const hangLimitSeconds = 5
/** A session beyond this is too large to be kept in the repository. */
const maxBytes = 60_000
const giveUpMillis = 120_000
const python = ["python3", "/usr/bin/python3"].find(
  (one) => spawnSync(one, ["-c", "import torch"], { stdio: "ignore" }).status === 0,
)

if (python === undefined) {
  console.error("No python3 here has torch: apt-get install python3-torch")
  process.exit(1)
}
if (process.getuid() === 0 && process.env.RECORDING !== "1") {
  const inside = `hostname ${hostName} && RECORDING=1 exec "$0" "$@"`
  const itself = [process.execPath, import.meta.filename, ...process.argv.slice(2)]
  const { status } = spawnSync("unshare", ["--uts", "sh", "-c", inside, ...itself], { stdio: "inherit" })
  process.exit(status ?? 1)
}

/** So long after the last record: a hang has ripened into a verdict, or the job is over. */
const hung = (hangLimitSeconds + 4) * 1000
const over = 1500
/** How often the network between reporters and agent hands a post on, by the post's number. */
const losesEach = (nth) => (post) => (post % nth === 4 ? 0 : 1)
const doublesEach = (nth) => (post) => (post % nth === 1 ? 2 : 1)

const plain = { MODE: "plain" }
/** Slow enough that an agent that is started after round 16 is there well before the end. */
const lateJob = { ROUNDS: "80", COMPUTE_SECONDS: "0.1", late: "round 16" }
const faults = {
  healthy: { FAULT: "none", settles: over },
  sigstop: { settles: hung },
  "kill-9": { settles: hung },
  "kill-9-inside": { settles: hung },
  sleep: { settles: hung },
  busy: { settles: hung },
  "one-pause": { settles: over },
  slow: { ROUNDS: "72", COMPUTE_SECONDS: "0.02", ...plain, settles: over },
  "wrong-count": { ...plain, settles: hung },
  "wrong-dtype": { ...plain, settles: over },
  "wrong-size-dtype": { ...plain, settles: hung },
  "wrong-root": { ...plain, settles: hung },
  "skipped-op": { ...plain, settles: hung },
  "extra-op": { ...plain, settles: hung },
  "skipped-op-of-two": { FAULT: "skipped-op", settles: hung },
  "swapped-transfers": { settles: hung },
  "swapped-messages": { settles: over },
  "clock-offset": { settles: over },
  "clock-offset-sigstop": { settles: hung },
  "dropped-posts": { FAULT: "none", network: losesEach(8), settles: over },
  "dropped-posts-sigstop": { network: losesEach(16), settles: hung },
  "doubled-posts": { FAULT: "none", network: doublesEach(3), settles: over },
  "doubled-posts-sigstop": { network: doublesEach(3), settles: hung },
  "late-start": { FAULT: "none", ...lateJob, settles: over },
  "late-start-sigstop": { FAULT_ROUND: "72", ...lateJob, settles: hung },
}

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

const freePort = async () => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address()
  server.close()
  await once(server, "close")
  return port
}

const startAgent = async (cclPort) => {
  const settings = ["--port", "0", "--ccl-port", String(cclPort), "--extra-ports", "off", "--grpc-port", "off"]
  const rhythm = ["--hang-limit", String(hangLimitSeconds), "--telemetry-interval", "1"]
  const agent = spawn(process.execPath, [annalist, "agent", ...settings, ...rhythm, "--node-id", hostName, "--json"], {
    cwd: folder,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: folder },
    stdio: ["ignore", "pipe", "inherit"],
  })
  const ready = await new Promise((resolve, reject) => {
    agent.once("exit", (code) => reject(new Error(`the agent ended with ${code}`)))
    createInterface({ input: agent.stdout }).once("line", (line) => resolve(JSON.parse(line)))
  })
  const ask = (path, body) =>
    fetch(new URL(path, ready.http), {
      method: body === undefined ? "GET" : "POST",
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    })
  const stop = async () => {
    agent.kill("SIGTERM")
    await once(agent, "exit")
  }
  return { ready, ask, stop }
}

/** Stands between reporters and agent, and hands each post on as often as the network says; it answers 200 either way. */
const startNetwork = async (network, target) => {
  let posts = 0
  const server = http.createServer(async (request, response) => {
    const parts = []
    for await (const part of request) parts.push(part)
    const times = network(posts++)
    for (let time = 0; time < times; time++) {
      await fetch(target, {
        method: "POST",
        headers: { "content-type": request.headers["content-type"] },
        body: Buffer.concat(parts),
      })
    }
    response.end('{"message":"Log processed"}')
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${server.address().port}/log_ccl`,
    stop: () => server.closeAllConnections() || server.close(),
  }
}

const recordTypes = "CollectiveStarted,CollectiveFinished,TransferStarted,TransferFinished"

/** Waits until records have come and none has come for so long; those that are told again do not count. What ends well must have ended. */
const settled = async (agent, millis, isOver) => {
  const began = performance.now()
  let from = 1
  const heard = new Set()
  let last = performance.now()
  for (;;) {
    const lines = (await (await agent.ask(`/v1/events?types=${recordTypes}&from=${from}`)).text())
      .trim()
      .split("\n")
      .filter(Boolean)
    for (const line of lines) {
      const { position, type, data } = JSON.parse(line)
      from = position + 1
      const which = `${data.reporter.pid} ${data.seq} ${type}`
      if (!heard.has(which)) last = performance.now()
      heard.add(which)
    }
    if (heard.size > 0 && performance.now() - last > millis && (await isOver())) return heard.size
    if (performance.now() - began > giveUpMillis)
      throw new Error(`the recording did not settle (${heard.size} records)`)
    await wait(250)
  }
}

const jobEnvironment = async (name, fault, url) => {
  const { network: _, late, settles: __, ...env } = fault
  return {
    FAULT: name,
    ...env,
    PYTHON: python,
    PYTHONPATH: join(folder, "reporters"),
    MASTER_PORT: String(await freePort()),
    ANNALIST_CCL_URL: url,
    // A reporter keeps what an absent agent missed; one that keeps little shows what a late start is.
    ...(late === undefined ? {} : { ANNALIST_REPORT_QUEUE: "60" }),
  }
}

/** The ranks live before the agent does, and are none of its processes. Goes on when rank 0 has said how far it is. */
const startAlone = async (env, line) => {
  const job = spawn("setsid", ["sh", "jobs/torch/ranks.sh"], {
    cwd: folder,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: folder, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  })
  const lines = createInterface({ input: job.stdout })
  await new Promise((resolve) => lines.on("line", (each) => each === line && resolve()))
  const end = () => {
    try {
      process.kill(-job.pid, "SIGKILL")
    } catch {
      // It has ended by itself.
    }
  }
  return { end, hasEnded: () => job.exitCode !== null }
}

const record = async (name, fault) => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(join(root, "fixtures", "jobs", "torch"), join(folder, "jobs", "torch"), { recursive: true })
  cpSync(join(root, "reporters", "annalist_report.py"), join(folder, "reporters", "annalist_report.py"))
  const target = join(sessions, `torch-${name}.ndjson.gz`)
  const cclPort = await freePort()
  const url = `http://127.0.0.1:${cclPort}/log_ccl`
  const network = fault.network === undefined ? null : await startNetwork(fault.network, url)
  const env = await jobEnvironment(name, fault, network?.url ?? url)

  const job = fault.late === undefined ? null : await startAlone(env, fault.late)
  const agent = await startAgent(cclPort)
  try {
    if (fault.late === undefined) {
      const started = await agent.ask("/start", { script_path: "jobs/torch/ranks.sh", env_vars: env })
      if (started.status !== 200) throw new Error(await started.text())
    }
    const hasEnded = async () =>
      job?.hasEnded() ?? (await (await agent.ask("/status")).json()).current_status === "exited"
    const heard = await settled(agent, fault.settles, fault.settles === over ? hasEnded : () => true)
    const { status } = spawnSync(process.execPath, [annalist, "export", "--url", agent.ready.http, "-o", target], {
      stdio: ["ignore", "ignore", "inherit"],
    })
    if (status !== 0) throw new Error(`the export ended with ${status}`)
    const { verdict, sentence } = await (await agent.ask("/v1/ccl/verdict")).json()
    const { size } = statSync(target)
    console.log(`${name}: ${heard} records, ${size} bytes; ${verdict}: ${sentence}`)
    if (size > maxBytes) throw new Error(`${target} is too large to keep`)
  } finally {
    await agent.ask("/stop", {})
    job?.end()
    network?.stop()
    await agent.stop()
  }
}

const known = JSON.parse(readFileSync(join(sessions, "torch-faults.json"), "utf8")).sessions
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => faults[name] === undefined)
if (unknown.length > 0) throw new Error(`no fault ${unknown.join(", ")}; there are: ${Object.keys(faults).join(", ")}`)
for (const [name, fault] of Object.entries(faults)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  if (!known.some((each) => each.fault === name))
    throw new Error(`torch-faults.json does not say what torch-${name} is`)
  await record(name, fault)
}
rmSync(folder, { recursive: true, force: true })
process.exit(0)
