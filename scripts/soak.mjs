// `npm run soak`: the tests that take long or want more of the machine (test/**/*.soak.ts). Arguments go to vitest.

import { run, tool } from "./run.mjs"
import { ensure } from "./setup.mjs"

await ensure("test")
process.exitCode = (await run(tool("vitest"), ["run", ...process.argv.slice(2)], { env: { ANNALIST_SOAK: "1" } })).code
