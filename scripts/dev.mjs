// `npm run dev`: builds and runs the agent again at every change under src/. Arguments go to the agent.

import { spawn } from "node:child_process"
import { watch } from "node:fs"
import { at, say } from "./root.mjs"
import { run } from "./run.mjs"
import { ensure } from "./setup.mjs"

/** Editors write a file in several steps; a build waits until they are through. */
const quietMillis = 150

let agent
let stopping = false

const launch = () => {
  agent = spawn(
    process.execPath,
    ["--enable-source-maps", at("dist", "annalist.js"), "agent", ...process.argv.slice(2)],
    { stdio: "inherit" },
  )
}

const halt = () =>
  new Promise((resolve) => {
    if (agent === undefined || agent.exitCode !== null || agent.signalCode !== null) return resolve()
    agent.once("exit", resolve)
    agent.kill("SIGTERM")
  })

/** In a process of its own: a failed build is told there, and this one goes on watching. */
const rebuild = async () => {
  const { code } = await run(at("scripts", "build.mjs"), [])
  if (code !== 0 || stopping) return
  await halt()
  if (!stopping) launch()
}

await ensure("run")
launch()

let timer
let work = Promise.resolve()
watch(at("src"), { recursive: true }, () => {
  clearTimeout(timer)
  timer = setTimeout(() => {
    work = work.then(rebuild)
  }, quietMillis)
})
say("Watching src/; Ctrl-C ends.")

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, async () => {
    stopping = true
    await halt()
    process.exit(0)
  })
}
