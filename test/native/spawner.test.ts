import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import * as fs from "node:fs"
import * as path from "node:path"
import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { afterAll, describe, expect, it } from "vitest"
import {
  exists,
  type Identity,
  isAlive,
  onLinux,
  processStat,
  readJson,
  removeTemporaryDirectories,
  sh,
  shim,
  type Status,
  temporaryDirectory,
  until,
} from "./harness.ts"

afterAll(removeTemporaryDirectories)

const requestOf = (id: number, argv: ReadonlyArray<string>, env: ReadonlyArray<string>) => {
  const strings = Buffer.from([...argv, ...env].map((word) => `${word}\0`).join(""))
  const header = Buffer.alloc(16)
  for (const [index, number] of [12 + strings.length, id, argv.length, env.length].entries())
    header.writeUInt32LE(number, index * 4)
  return Buffer.concat([header, strings])
}

const opened = () => {
  const child: ChildProcess = spawn(shim, ["--spawner"], { env: {}, stdio: ["pipe", "pipe", "ignore"] })
  const lines: Array<string> = []
  createInterface({ input: child.stdout as Readable }).on("line", (line) => lines.push(line))
  const requests = child.stdin as Writable
  const shimOf = (directory: string, program: ReadonlyArray<string>) => [
    shim,
    ...["--dir", directory, "--notify", "3", "--log", path.join(directory, "log"), "--", ...program],
  ]
  return {
    child,
    lines,
    requests,
    start: (id: number, directory: string, program: ReadonlyArray<string>, env = ["PATH=/usr/bin:/bin"]) =>
      requests.write(requestOf(id, shimOf(directory, program), env)),
    told: (line: RegExp) => until(`it tells ${line.source}`, () => lines.some((one) => line.test(one))),
  }
}

const environOf = (pid: number) => fs.readFileSync(`/proc/${pid}/environ`, "latin1").replaceAll("\0", "")

describe.skipIf(!onLinux)("the spawner", () => {
  it("starts a shim in a session of its own, and tells its start, its records and its end", async () => {
    const directory = temporaryDirectory()
    const spawner = opened()
    spawner.start(7, directory, sh('echo "$SECRET"; exit 5'), ["PATH=/usr/bin:/bin", "SECRET=s3cret"])
    await spawner.told(/^ended 7$/)
    expect((readJson(directory, "status") as Status).code).toBe(5)
    expect(fs.readFileSync(path.join(directory, "log"), "utf8")).toBe("s3cret\n")
    const { shim_pid: pid } = readJson(directory, "identity") as Identity
    expect(spawner.lines[0]).toBe(`started 7 ${pid}`)
    expect(spawner.lines).toContain("news 7")
    spawner.requests.end()
    await once(spawner.child, "exit")
  })

  it("passes on no descriptor, and keeps no word of an environment", async () => {
    const directory = temporaryDirectory()
    const spawner = opened()
    spawner.start(1, directory, ["sleep", "60"], ["PATH=/usr/bin:/bin", "SECRET=s3cret"])
    await until("it runs", () => exists(directory, "identity"))
    const { pid, shim_pid } = readJson(directory, "identity") as Identity
    expect(fs.readdirSync(`/proc/${pid}/fd`)).toEqual(["0", "1", "2"])
    expect(processStat(shim_pid)).toMatchObject({ session: shim_pid, parent: spawner.child.pid })
    await until("the shim forgot it", () => environOf(shim_pid) === "")
    expect(memoryOf(spawner.child.pid ?? 0).includes("s3cret")).toBe(false)
    process.kill(pid, "SIGKILL")
    await spawner.told(/^ended 1$/)
    spawner.requests.end()
  })

  it("leaves its shims alone when it is killed, and ends with the agent", async () => {
    const [first, second] = [temporaryDirectory(), temporaryDirectory()]
    const gate = path.join(first, "gate")
    const waits = sh(`while [ ! -e ${gate} ]; do sleep 0.02; done; exit 3`)
    const killed = opened()
    const ends = opened()
    killed.start(1, first, waits)
    ends.start(1, second, waits)
    await until("both run", () => exists(first, "identity") && exists(second, "identity"))
    killed.child.kill("SIGKILL")
    ends.requests.end()
    await Promise.all([once(killed.child, "exit"), once(ends.child, "exit")])
    fs.writeFileSync(gate, "")
    await until("both ended", () => exists(first, "empty") && exists(second, "empty"))
    for (const directory of [first, second]) expect((readJson(directory, "status") as Status).code).toBe(3)
  })

  it("says why it started nothing, and goes on", async () => {
    const directory = temporaryDirectory()
    const spawner = opened()
    spawner.start(1, directory, ["true"], [`LONG=${"x".repeat(200_000)}`])
    spawner.requests.write(requestOf(2, [shim, "two\0words"], []))
    spawner.start(3, directory, ["true"])
    await spawner.told(/^ended 3$/)
    expect(spawner.lines.filter((line) => line.startsWith("refused"))).toEqual(["refused 1 7", "refused 2 22"])
    spawner.requests.end()
  })

  it("kills a shim that is asked for by its id alone", async () => {
    const directory = temporaryDirectory()
    const spawner = opened()
    spawner.start(9, directory, ["sleep", "60"])
    await until("it runs", () => exists(directory, "identity"))
    const { pid, shim_pid } = readJson(directory, "identity") as Identity
    spawner.requests.write(requestOf(9, [], []))
    await spawner.told(/^ended 9$/)
    expect(isAlive(shim_pid)).toBe(false)
    process.kill(pid, "SIGKILL")
    spawner.requests.end()
  })

  it("starts nothing that was asked for by an agent that is gone", async () => {
    const directory = temporaryDirectory()
    const spawner = opened()
    await until("it is there", () => processStat(spawner.child.pid ?? 0)?.state === "S")
    spawner.child.kill("SIGSTOP")
    spawner.start(1, directory, ["true"])
    spawner.requests.end()
    await once(spawner.requests, "finish")
    spawner.child.kill("SIGCONT")
    await once(spawner.child, "exit")
    expect(fs.readdirSync(directory)).toEqual([])
  })
})

/** All that it may write to. */
const memoryOf = (pid: number): Buffer => {
  const file = fs.openSync(`/proc/${pid}/mem`, "r")
  const ranges = fs
    .readFileSync(`/proc/${pid}/maps`, "latin1")
    .split("\n")
    .map((line) => /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line)?.slice(1).map((word) => Number.parseInt(word, 16)))
  const pieces = ranges.map(([from = 0, to = 0] = []) => {
    const piece = Buffer.alloc(to - from)
    return piece.subarray(0, to === from ? 0 : fs.readSync(file, piece, 0, piece.length, from))
  })
  fs.closeSync(file)
  return Buffer.concat(pieces)
}
