// `npm run check`: types, lint, format, and the tidy test.

import { runChecks } from "./checks.mjs"
import { run, tool } from "./run.mjs"
import { ensure } from "./setup.mjs"

await ensure("test")
const { failed } = await runChecks()
const tidy = await run(tool("vitest"), ["run", "test/tidy"])
process.exitCode = failed.length > 0 || tidy.code !== 0 ? 1 : 0
