// Takes the pictures of the page in docs/images anew: every view, in both themes, over recorded sessions and a live flow.
// Wants Debian's chromium; the names say which is which. Run by hand after the page has changed, and look at them.

import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { at, say } from "./root.mjs"
import { ensure } from "./setup.mjs"

await ensure("test")
const { chromium } = await import("playwright-core")

const session = at("fixtures", "sessions", "torch-sigstop.ndjson.gz")
const busy = at("fixtures", "sessions", "torch-slow.ndjson.gz")
const scratch = mkdtempSync(join(tmpdir(), "annalist-pictures-"))
const started = []

/** Starts the program and answers its address. */
const serve = (...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [at("dist", "annalist.js"), ...args, "--port", "0", "--json"], {
      cwd: scratch,
      env: { PATH: process.env.PATH, HOME: scratch },
      stdio: ["ignore", "pipe", "ignore"],
    })
    started.push(child)
    child.stdout.setEncoding("utf8").once("data", (text) => resolve(`${JSON.parse(text.split("\n")[0]).http}/`))
    child.once("exit", (code) => reject(new Error(`annalist ${args[0]} ended with ${code}`)))
  })

const post = async (url, body) => {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  })
  return response.json()
}

/** An agent with a process that runs and a job that stands at a breakpoint. */
const liveAgent = async () => {
  const quiet = ["--ccl-port", "0", "--grpc-port", "off", "--extra-ports", "off", "--telemetry-interval", "0.5"]
  const data = ["--data", join(scratch, "data"), "--routines", at("fixtures", "routines")]
  const url = await serve("agent", ...quiet, ...data, "--script-roots", scratch)
  // Something that works, rests and tells: so that there is a history to draw.
  const script = join(scratch, "train.sh")
  writeFileSync(
    script,
    '#!/bin/sh\nn=0\nwhile :; do\n  n=$((n + 1)); i=0\n  while [ $i -lt $((n % 5 * 60000)) ]; do i=$((i + 1)); done\n  echo "epoch $n: loss 0.$((900 / n))"\n  sleep 0.3\ndone\n',
    {
      mode: 0o755,
    },
  )
  await post(`${url}v1/processes`, { script_path: script, name: "train", env: { EPOCHS: "100" } })
  const routines = Object.fromEntries(
    ["Ingest", "Process", "Validate"].map((name) => [name.toLowerCase(), { class: `demo.${name}` }]),
  )
  const connections = [
    { from: "ingest.data_ingested", to: "process.data_ingested" },
    { from: "process.data_processed", to: "validate.data_processed" },
  ]
  await post(`${url}api/flows`, { flow_id: "pipeline", dsl_dict: { flow_id: "pipeline", routines, connections } })
  const job = { flow_id: "pipeline", entry_routine_id: "ingest", entry_params: { data: [1, 2, 3] } }
  await post(`${url}api/jobs`, job)
  const stops = [{ type: "routine", routine_id: "validate" }]
  const { job_id: paused } = await post(`${url}api/jobs`, { ...job, breakpoints: stops })
  const { processes } = await (await fetch(`${url}v1/processes`)).json()
  await new Promise((resolve) => setTimeout(resolve, 20_000))
  return { url, job: paused, process: processes[0].id }
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
})

const shoot = async (url, name, colorScheme, size) => {
  const context = await browser.newContext({ viewport: size, colorScheme, timezoneId: "UTC", locale: "en-GB" })
  const page = await context.newPage()
  await page.goto(url)
  await page.locator("main .panel").first().waitFor()
  await page.waitForTimeout(3_000)
  await page.screenshot({ path: at("docs", "images", `${name}.png`) })
  await context.close()
  say(`${name}.png`)
}

try {
  const [recorded, slow, live] = await Promise.all([serve("open", session), serve("open", busy), liveAgent()])
  const wide = { width: 1280, height: 800 }
  await shoot(`${recorded}#/overview`, "page", "light", wide)
  for (const theme of ["light", "dark"]) {
    await shoot(`${recorded}?at=300#/overview`, `overview-past-${theme}`, theme, wide)
    await shoot(`${live.url}#/processes/${live.process}`, `processes-${theme}`, theme, wide)
    await shoot(`${slow}#/collectives`, `collectives-${theme}`, theme, { width: 1280, height: 1500 })
    await shoot(`${live.url}#/flows/pipeline/${live.job}`, `flows-${theme}`, theme, wide)
    await shoot(`${recorded}#/log?types=process,collective`, `log-${theme}`, theme, wide)
  }
  await shoot(`${recorded}#/overview`, "phone", "dark", { width: 360, height: 740 })
} finally {
  await browser.close()
  for (const child of started) child.kill("SIGTERM")
  rmSync(scratch, { recursive: true, force: true })
}
process.exit()
