// A folder of its own for each test, gone with its scope.

import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

/** In memory where the system has such a place: for tests to which it does not matter what a sync costs. */
export const quickFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "annalist-log-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
)

export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "annalist-log-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true })),
)
