// `npm run demo`: opens the recorded session of four ranks, one of which hangs, with its page.

import { become } from "./become.mjs"
import { at } from "./root.mjs"

await become("open", [at("fixtures", "sessions", "four-ranks-hang.ndjson"), ...process.argv.slice(2)])
