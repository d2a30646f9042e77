import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import {
  ended,
  exists,
  isRoot,
  needsRoot,
  onLinux,
  removeTemporaryDirectories,
  Run,
  sh,
  temporaryDirectory,
  until,
} from "./harness.ts"

afterAll(removeTemporaryDirectories)

describe.skipIf(!onLinux)("rotation", () => {
  const hash = (chunks: Iterable<Buffer | string>): string => {
    const sum = createHash("sha256")
    for (const chunk of chunks) sum.update(chunk)
    return sum.digest("hex")
  }
  const contents = (run: Run) => run.logFiles().map((file) => fs.readFileSync(file))

  it("loses no byte and tears no line of 50 MB written at speed", async () => {
    const began = performance.now()
    const run = await ended({
      options: ["--rotate-bytes", "4000000", "--rotate-count", "100"],
      program: ["seq", "1", "6500000"],
    })
    expect(performance.now() - began).toBeLessThan(5000)
    const files = contents(run)
    const written = execFileSync("seq", ["1", "6500000"], { maxBuffer: 100_000_000 })
    expect(written.length).toBeGreaterThan(50_000_000)
    expect(hash(files)).toBe(hash([written]))
    expect(files.length).toBe(Math.ceil(written.length / 4_000_000))
    expect(files.every((file) => file.at(-1) === 10 && file.length <= 4_000_000)).toBe(true)
  })

  it("keeps whole the lines longer than a file, and bounds a file without any line end", async () => {
    const lines = "for n in 10 3000 50 20000 1 9000; do head -c $n /dev/zero | tr '\\0' x; echo; done"
    const blob = "head -c 1000000 /dev/zero"
    const options = ["--rotate-bytes", "1000", "--rotate-count", "500"]
    const [whole, torn] = await Promise.all([
      ended({ options, program: sh(lines) }),
      ended({ options, program: sh(blob) }),
    ])
    expect(contents(whole).map((file) => file.length)).toEqual([11, 3001, 51, 20001, 2, 9001])
    const sizes = contents(torn).map((file) => file.length)
    expect(sizes.reduce((a, b) => a + b)).toBe(1_000_000)
    expect(Math.max(...sizes)).toBe(1000 + 65_536)
  })

  it("keeps the given number of old files and goes on with a log that it finds", async () => {
    const directory = temporaryDirectory()
    const options = ["--rotate-bytes", "100", "--rotate-count", "2"]
    for (const range of [
      ["100", "160"],
      ["161", "199"],
    ])
      await ended({ directory, options, program: ["seq", ...range] })
    const run = await ended({ directory, options, program: ["true"] })
    const numbers = contents(run).join("").trim().split("\n").map(Number)
    expect(run.logFiles().length).toBe(3)
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => 200 - numbers.length + i))
    expect(contents(run).map((file) => file.length)).toEqual([100, 100, 100])
  })

  it("never renames what is not a file", async () => {
    const directory = temporaryDirectory()
    const fifo = path.join(directory, "fifo")
    execFileSync("mkfifo", [fifo])
    const run = await ended({
      directory,
      options: ["--log", fifo, "--rotate-bytes", "10"],
      program: ["seq", "1", "100000"],
    })
    expect(fs.lstatSync(fifo).isFIFO()).toBe(true)
    expect(run.status().code).toBe(0)
    expect(run.empty().dropped_bytes).toBeGreaterThan(0)
  })
})

describe.skipIf(!onLinux || !isRoot)(`a full disk${needsRoot}`, () => {
  async function onTinyDisk(body: (disk: string) => Promise<void>): Promise<void> {
    const disk = temporaryDirectory()
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk])
    try {
      await body(disk)
    } finally {
      execFileSync("umount", ["--lazy", disk])
    }
  }
  const fill = (disk: string): void =>
    expect(() => fs.writeFileSync(path.join(disk, "ballast"), Buffer.alloc(300_000))).toThrow("ENOSPC")
  const total = execFileSync("seq", ["1", "100000"]).length

  it("does not stop the child, and the log says how much is missing once there is room", () =>
    onTinyDisk(async (disk) => {
      const outside = temporaryDirectory()
      const ballast = path.join(disk, "ballast")
      fs.writeFileSync(ballast, Buffer.alloc(100_000))
      const wait = `touch ${outside}/filled; while [ ! -e ${outside}/room ]; do sleep 0.01; done`
      const run = Run.boot({ directory: disk, program: sh(`seq 1 100000; ${wait}; echo done; exit 3`) })
      await until("the child wrote all", () => exists(outside, "filled"))
      fs.rmSync(ballast)
      fs.writeFileSync(path.join(outside, "room"), "")
      await run.gone()
      const text = run.output()
      const marker = /\n?annalist-shim: (\d+) bytes of output were dropped here: No space left on device\n/g
      const dropped = [...text.matchAll(marker)].reduce((sum, match) => sum + Number(match[1]), 0)
      expect(dropped).toBeGreaterThan(0)
      expect(run.empty().dropped_bytes).toBe(dropped)
      expect(text.endsWith("done\n")).toBe(true)
      expect(run.status().code).toBe(3)
    }))

  it("refuses a child that could not be found again", () =>
    onTinyDisk(async (disk) => {
      fill(disk)
      const run = await ended({ directory: disk, program: ["true"] })
      await until("the failure was told", () => run.lines.length === 1)
      expect(run.lines[0]).toMatchObject({ step: "dir", errno: 28 })
      expect(exists(disk, "identity")).toBe(false)
    }))

  it("does not cost the exit status, even if there is never room again", () =>
    onTinyDisk(async (disk) => {
      const run = await ended({ directory: disk, program: sh("seq 1 100000; exit 3") })
      expect(run.status().code).toBe(3)
      expect(run.empty().dropped_bytes).toBe(total - fs.statSync(run.log).size)
    }))
})
