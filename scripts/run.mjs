// Runs an installed tool by its JavaScript file, without a shell or npx in between.

import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { at, root } from "./root.mjs"

/** The file behind `name` of the installed package `package_`. */
export const tool = (package_, name = package_) => {
  const { bin } = JSON.parse(readFileSync(at("node_modules", package_, "package.json"), "utf8"))
  return at("node_modules", package_, typeof bin === "string" ? bin : bin[name])
}

/** Runs a tool and answers its exit code and, when `quiet`, everything it printed. */
export const run = (file, args, { quiet = false, env = {} } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    })
    const printed = []
    child.stdout?.on("data", (chunk) => printed.push(chunk))
    child.stderr?.on("data", (chunk) => printed.push(chunk))
    child.once("error", reject)
    child.once("close", (code, signal) =>
      resolve({ code: code ?? 1, signal, output: Buffer.concat(printed).toString("utf8") }),
    )
  })
