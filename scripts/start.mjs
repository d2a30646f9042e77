// `npm start`: sets itself up if needed, then is the agent. Same process, so that signals and the exit code are its own.

import { become } from "./become.mjs"

await become("agent", process.argv.slice(2))
