import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { clear, cutRounds, grown, site, startWriter, surveyed, tell } from "./faults.ts"
import { readJournal } from "./journal.ts"
import { built, lacking } from "./program.ts"

/** Listed as skipped, with what it wants, where that is lacking. */
const needing = (lack: string | null, name: string, body: () => Promise<void>): void =>
  it.skipIf(lack !== null)(lack === null ? name : `${name} (${lack})`, { timeout: 120_000 }, body)

const mounting = lacking({ root: true, tools: ["mount", "umount"] })
const tracing = lacking({ root: true, tools: ["strace"] })

describe("an agent whose disk fails", () => {
  needing(
    lacking({ root: true, tools: ["mkfs.ext4", "mount", "python3"] }),
    "has lost nothing acknowledged after power cuts, the first boot included",
    async () => {
      const seed = Date.now() % 1_000_000
      const tally = await cutRounds(await built("writer", "cut"), 6, seed)
      tell(`power cuts (seed ${seed})`, tally)
      expect(tally).toMatchObject({ tried: 6, survived: 6, lost: 0 })
    },
  )

  needing(mounting, "goes on when a full disk has room again, and survives a kill right after", async () => {
    const place = site()
    const mounted = join(place.folder, "disk")
    mkdirSync(mounted)
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", mounted])
    try {
      const onDisk = { ...place, directory: join(mounted, "log") }
      const writer = startWriter(await built("writer", "full"), onDisk, 1, { telemetry: false })
      await grown(place, 20, writer)
      fillUp(join(mounted, "filler"))
      await writer.line((line) => line === "OutcomeUnknown")
      const before = readJournal(place.journal).length
      rmSync(join(mounted, "filler"))
      await grown(place, before + 8, writer)
      await writer.kill()
      const found = await surveyed(onDisk)
      tell("a full disk", { tried: 1, survived: found.lost === 0 ? 1 : 0, ...found })
      expect(found.lost).toBe(0)
      expect(found.acknowledged).toBeGreaterThan(20)
    } finally {
      execFileSync("umount", ["-l", mounted])
      clear(place)
    }
  })

  // One thread makes all calls: the count of calls is a count of the process.
  const trace = ["env", "UV_THREADPOOL_SIZE=1", "strace", "-f", "-qq", "-o", "/dev/null"]
  const inject = (call: string, when: number) => [
    ...trace,
    "-e",
    `trace=${call}`,
    "-e",
    `inject=${call}:error=EIO:when=${when}`,
  ]
  needing(tracing, "answers 'outcome unknown' to a failed fdatasync and goes on without loss or double", async () => {
    const place = site()
    const program = await built("writer", "sync")
    const writer = startWriter(program, place, 1, { before: inject("fdatasync", 12), batches: 60 })
    await writer.ended
    expect(writer.lines).toContain("OutcomeUnknown")
    expect(writer.lines).toContain("done")
    const found = await surveyed(place)
    tell("EIO in fdatasync", { tried: 1, survived: found.lost === 0 ? 1 : 0, ...found })
    expect(found.lost).toBe(0)
    expect(readJournal(place.journal).length).toBe(60)
    clear(place)
  })

  needing(tracing, "answers 'outcome unknown' to a failed write and goes on without loss or double", async () => {
    const place = site()
    const program = await built("writer", "write")
    await startWriter(program, place, 1, { batches: 5 }).ended
    // LevelDB takes the next two numbers at each opening: one for the table of what it recovers, one for the new file.
    const journals = readdirSync(join(place.directory, "level")).filter((name) => name.endsWith(".log"))
    const next = Math.max(...journals.map((name) => Number.parseInt(name, 10))) + 2
    const paths = [next - 1, next, next + 1].flatMap((number) => [
      "-P",
      join(place.directory, "level", `${String(number).padStart(6, "0")}.log`),
    ])
    const before = [...trace, ...paths, "-e", "trace=write", "-e", "inject=write:error=EIO:when=9"]
    const writer = startWriter(program, place, 1_000_001, { before, batches: 60 })
    await writer.ended
    expect(writer.lines).toContain("OutcomeUnknown")
    expect(writer.lines).toContain("done")
    const found = await surveyed(place)
    tell("EIO in write", { tried: 1, survived: found.lost === 0 ? 1 : 0, ...found })
    expect(found.lost).toBe(0)
    expect(readJournal(place.journal).length).toBe(65)
    clear(place)
  })
})

/** Takes all room there is, to the last page. */
const fillUp = (path: string): void => {
  const chunk = new Uint8Array(64 * 1024)
  for (let size = chunk.length; size >= 1;) {
    try {
      writeFileSync(path, chunk.subarray(0, size), { flag: "a" })
    } catch {
      size = Math.floor(size / 4)
    }
  }
}
