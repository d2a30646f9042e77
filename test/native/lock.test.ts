import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import * as path from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { onLinux, removeTemporaryDirectories, shim, temporaryDirectory } from "./harness.ts"

afterAll(removeTemporaryDirectories)

describe.skipIf(!onLinux)("--lock", () => {
  const locks: Array<ChildProcess> = []
  afterAll(() => locks.forEach((lock) => lock.kill("SIGKILL")))

  async function take(file: string, owner: string): Promise<{ process: ChildProcess; answer: string }> {
    const child = spawn(shim, ["--lock", file, "--owner", owner], { stdio: ["pipe", "pipe", "ignore"] })
    locks.push(child)
    const [chunk] = (await once(child.stdout, "data")) as [Buffer]
    return { process: child, answer: chunk.toString("utf8") }
  }

  it("has one holder at a time, who is named to the second", async () => {
    const file = path.join(temporaryDirectory(), "lock")
    const first = await take(file, "pid 1 on here")
    expect(first.answer).toBe("locked\n")
    const second = await take(file, "another")
    expect(second.answer).toBe("held pid 1 on here\n")
    expect(second.process.exitCode ?? (await once(second.process, "exit"))[0]).toBe(3)
    first.process.kill("SIGTERM")
    first.process.kill("SIGINT")
    expect((await take(file, "another")).answer).toBe("held pid 1 on here\n")
    first.process.stdin!.end()
    expect((await once(first.process, "exit"))[0]).toBe(0)
    expect((await take(file, "")).answer).toBe("locked\n")
  })

  it("is freed by the death of its holder, and by the death of the agent behind the holder", async () => {
    const file = path.join(temporaryDirectory(), "lock")
    const first = await take(file, "one")
    first.process.kill("SIGKILL")
    await once(first.process, "exit")
    const script =
      "const c = require('node:child_process').spawn(process.argv[1], ['--lock', process.argv[2]], {stdio: ['pipe', 1, 1]})"
    const agent = spawn(process.execPath, ["-e", script, shim, file], { stdio: ["ignore", "pipe", "ignore"] })
    const [line] = (await once(agent.stdout, "data")) as [Buffer]
    expect(line.toString("utf8")).toBe("locked\n")
    agent.kill("SIGKILL")
    await once(agent.stdout, "close")
    expect((await take(file, "two")).answer).toBe("locked\n")
  })
})
