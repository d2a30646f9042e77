import { join } from "node:path"
import { Effect } from "effect"
import * as LevelEventLog from "../../src/log/level/LevelEventLog.ts"
import { eventLogSuite, type Place } from "./eventLogSuite.ts"
import { upkeepSuite } from "./upkeepSuite.ts"
import { folder } from "./folder.ts"

const place = Effect.map(folder, (path): Place => ({
  open: (options) => LevelEventLog.layer({ ...options, directory: join(path, "log"), ballastBytes: 65_536 }),
}))

eventLogSuite("LevelDB", place)
upkeepSuite("LevelDB", place)
