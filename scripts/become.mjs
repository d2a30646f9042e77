// Turns the running script into the built program with another command line.

import { pathToFileURL } from "node:url"
import { at } from "./root.mjs"
import { ensure } from "./setup.mjs"

export const become = async (command, args) => {
  await ensure("run")
  const program = at("dist", "annalist.js")
  process.argv = [process.execPath, program, command, ...args]
  await import(pathToFileURL(program).href)
}
