// `npm run format`: writes every file as the formatter wants it.

import { run, tool } from "./run.mjs"
import { ensure } from "./setup.mjs"

await ensure("test")
process.exitCode = (await run(tool("oxfmt"), process.argv.length > 2 ? process.argv.slice(2) : ["."])).code
