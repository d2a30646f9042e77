import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import * as LevelEventLog from "../../src/log/level/LevelEventLog.ts"
import { eventLogSuite } from "./eventLogSuite.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "annalist-log-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
)

eventLogSuite(
  "LevelDB",
  Effect.map(folder, (path) => ({
    open: (options) => LevelEventLog.layer({ ...options, directory: join(path, "log") }),
  })),
)
