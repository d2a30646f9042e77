import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { EventLog } from "../../src/log/EventLog.ts"
import * as LevelEventLog from "../../src/log/level/LevelEventLog.ts"
import { clear, site, startWriter } from "./faults.ts"
import { actions, batch } from "./given.ts"
import { folder } from "./folder.ts"
import { built, lacking } from "./program.ts"

const opening = (directory: string) =>
  Effect.flip(Effect.scoped(Layer.build(LevelEventLog.layer({ directory, ballastBytes: 4096 }))))

describe("a second agent", () => {
  it("is refused and told who holds the directory", { timeout: 60_000 }, async () => {
    const place = site()
    const first = startWriter(await built("writer", "agents"), place, 1, { fibers: 1 })
    await first.line((line) => line.startsWith("ready"))
    const second = startWriter(await built("writer", "agents"), place, 1)
    expect(await second.ended).toBe(1)
    expect(second.lines.at(-1)).toContain(`is held by process ${first.child.pid}`)
    const { reason } = await Effect.runPromise(opening(place.directory))
    expect(reason).toContain(`is held by process ${first.child.pid}`)
    await first.kill()
    clear(place)
  })

  const lack = lacking({ root: true, tools: ["unshare"] })
  it.skipIf(lack !== null)(
    `is refused from another network namespace${lack === null ? "" : ` (${lack})`}`,
    { timeout: 60_000 },
    async () => {
      const place = site()
      const program = await built("writer", "namespace")
      const first = startWriter(program, place, 1, { fibers: 1 })
      await first.line((line) => line.startsWith("ready"))
      const second = startWriter(program, place, 1, { before: ["unshare", "-n"] })
      expect(await second.ended).toBe(1)
      expect(second.lines.at(-1)).toContain(`is held by process ${first.child.pid}`)
      await first.kill()
      clear(place)
    },
  )
})

describe("a directory that cannot be opened", () => {
  it.scopedLive("is left as it is when it is something else", () =>
    Effect.gen(function* () {
      const directory = join(yield* folder, "log")
      mkdirSync(directory)
      writeFileSync(join(directory, "diary.txt"), "dear diary")
      const refused = yield* opening(directory)
      expect(refused.reason).toContain("is not empty and no log of Annalist")
      expect(readdirSync(directory)).toEqual(["diary.txt"])
    }),
  )

  it.scopedLive("is left as it is when a newer build wrote it", () =>
    Effect.gen(function* () {
      const directory = join(yield* folder, "log")
      yield* Effect.flatMap(EventLog, (log) => log.append(batch(actions(1, 1)))).pipe(
        Effect.provide(LevelEventLog.layer({ directory, ballastBytes: 4096 })),
      )
      const marker = join(directory, "ANNALIST")
      writeFileSync(marker, readFileSync(marker, "utf8").replace(/"format":1/, '"format":2'))
      const before = readdirSync(join(directory, "level"))
      const refused = yield* opening(directory)
      expect(refused.reason).toContain("has log format 2; this build reads up to 1")
      expect(readdirSync(join(directory, "level"))).toEqual(before)
    }),
  )

  const lack = process.getuid?.() === 0 ? "needs another user than root" : null
  it.scopedLive.skipIf(lack !== null)(
    `says so when nothing may be written there${lack === null ? "" : ` (${lack})`}`,
    () =>
      Effect.gen(function* () {
        const parent = yield* folder
        chmodSync(parent, 0o500)
        const refused = yield* opening(join(parent, "log"))
        chmodSync(parent, 0o700)
        expect(refused.advice).toContain("writable")
      }),
  )

  it.scopedLive("says so when its path leads through a file", () =>
    Effect.gen(function* () {
      const parent = yield* folder
      writeFileSync(join(parent, "file"), "")
      const refused = yield* opening(join(parent, "file", "log"))
      expect(refused.reason).toContain("file already exists")
    }),
  )
})
