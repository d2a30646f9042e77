// Before `npm pack`: dist/ is up to date and holds the library's types beside it.

import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { at, giveUp } from "./root.mjs"
import { run, tool } from "./run.mjs"
import { ensure } from "./setup.mjs"

const types = at("dist", "types")

/** The declarations that the library's own needs. Each import names a file beside it: the tarball brings no package's types. */
const reached = (file, found = new Set()) => {
  if (found.has(file)) return found
  found.add(file)
  for (const [, , from] of readFileSync(file, "utf8").matchAll(/(\bfrom |\bimport\()"([^"]+)"/g)) {
    if (!from.startsWith(".")) giveUp(`The library's types need the package ${from}, which users do not have: ${file}`)
    reached(join(dirname(file), from.replace(/\.ts$/, ".d.ts")), found)
  }
  return found
}

await ensure("test")
if (existsSync(at("src", "index.ts"))) {
  rmSync(types, { recursive: true, force: true })
  const { code, output } = await run(tool("typescript", "tsc"), ["-p", "tsconfig.types.json"], { quiet: true })
  if (code !== 0) giveUp("The library's types could not be written:", output)
  const needed = reached(join(types, "index.d.ts"))
  for (const name of readdirSync(types, { recursive: true })) {
    const file = join(types, name)
    if (name.endsWith(".d.ts") && !needed.has(file)) rmSync(file)
  }
}
