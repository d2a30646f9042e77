import { join } from "node:path"
import { Effect } from "effect"
import * as LevelEventLog from "../../src/log/level/LevelEventLog.ts"
import { eventLogSuite } from "./eventLogSuite.ts"
import { folder } from "./folder.ts"

eventLogSuite(
  "LevelDB",
  Effect.map(folder, (path) => ({
    open: (options) => LevelEventLog.layer({ ...options, directory: join(path, "log"), ballastBytes: 65_536 }),
  })),
)
