// A folder of its own for each test, gone with its scope.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "annalist-log-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
)
