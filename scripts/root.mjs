// Where the checkout is, and the few things that every script asks about the machine.

import { fileURLToPath } from "node:url"
import { join } from "node:path"

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "")

/** A path inside the checkout. */
export const at = (...parts) => join(root, ...parts)

/** Scratch that outlives a run: logs of installs, the lock, reports. Git ignores it. */
export const scratch = at(".annalist")

/** What the scripts tell goes to stderr: stdout belongs to the program that they start. */
export const say = (line) => process.stderr.write(`${line}\n`)

/** Ends with a sentence instead of a stack trace. */
export const giveUp = (...lines) => {
  for (const line of lines) say(line)
  process.exit(1)
}
