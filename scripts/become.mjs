// Turns the running script into the built program with another command line.

import { pathToFileURL } from "node:url"
import { at } from "./root.mjs"
import { ensure } from "./setup.mjs"

const lookMillis = 200

/**
 * npm runs a script through a shell and hands SIGTERM to that shell alone, which dies of it and tells nobody. Having lost it is
 * how the program learns that it is to stop; one that was not started by npm is let be.
 */
const endWithShell = () => {
  if (process.env.npm_lifecycle_event === undefined) return
  const shell = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(timer)
    process.kill(process.pid, "SIGTERM")
  }, lookMillis)
  timer.unref()
}

export const become = async (command, args) => {
  endWithShell()
  await ensure("run")
  const program = at("dist", "annalist.js")
  process.argv = [process.execPath, program, command, ...args]
  await import(pathToFileURL(program).href)
}
