// Before `npm pack`: dist/ is up to date and holds the library's types beside it.

import { existsSync, rmSync } from "node:fs"
import { at, giveUp } from "./root.mjs"
import { run, tool } from "./run.mjs"
import { ensure } from "./setup.mjs"

await ensure("test")
if (existsSync(at("src", "index.ts"))) {
  rmSync(at("dist", "types"), { recursive: true, force: true })
  const { code, output } = await run(tool("typescript", "tsc"), ["-p", "tsconfig.types.json"], { quiet: true })
  if (code !== 0) giveUp("The library's types could not be written:", output)
}
