// The settings of this run, from the real environment and the real file; what is wrong with them is told line by line.

import { readFileSync } from "node:fs"
import { hostname } from "node:os"
import type { Invocation } from "../Command.ts"
import type { ConfigurationFile } from "./configurationFile.ts"
import { resolve, type Sources } from "./resolve.ts"
import type { Settings } from "./table.ts"

/** Looked for in the start directory; its absence is nobody's mistake. */
const usualFile = "annalist.config.json"

/** null when something was wrong and has been told: the program then ends with wrong usage. */
export const load = (
  invocation: Invocation,
  ownDefaults: NonNullable<Sources["ownDefaults"]> = {},
): Settings | null => {
  const { values, environment, terminal } = invocation
  const file = configurationFile(values.get("config"))
  const resolved =
    typeof file === "string"
      ? { ok: false as const, problems: [file] }
      : resolve({ flags: values, environment, file, hostName: hostname(), ownDefaults })
  if (resolved.ok) return resolved.settings
  for (const problem of resolved.problems) terminal.err(`annalist: ${problem}\n`)
  return null
}

/** A string is why it cannot be read. */
const configurationFile = (asked: string | undefined): ConfigurationFile | null | string => {
  const path = asked ?? usualFile
  try {
    return { path, text: readFileSync(path, "utf8") }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "ENOENT" && asked === undefined) return null
    return `the configuration file ${path} ${code === "ENOENT" ? "does not exist" : `cannot be read (${code})`}`
  }
}
