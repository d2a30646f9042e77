// Backup and repair on the real program: a copy taken while the log is written, and what can be saved of a damaged one.

import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { quietPorts, run, type Running, scratch, serve } from "../program.ts"

describe("a backup", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let agent: Running
  const at = (name: string) => join(folder.path, name)
  beforeAll(async () => {
    folder = await scratch()
    agent = await serve(["agent", ...quietPorts, "--data", at("data"), "--telemetry-interval", "0.2"])
  })
  afterAll(async () => {
    await agent.stop()
    await folder.remove()
  })

  it("of a log that is being written is a whole data directory, and says how far it reaches", async () => {
    const made = await run(["backup", at("copy"), "--url", agent.ready.http, "--json"])
    expect(made).toMatchObject({ code: 0, stderr: "" })
    const { head } = JSON.parse(made.stdout) as { head: number }
    expect(head).toBeGreaterThan(1)
    const verified = await run(["verify", at("copy")])
    expect(verified.stdout).toContain(`positions 1 to ${head}`)
    expect(verified.code).toBe(0)
  })

  it("does not write over anything", async () => {
    await writeFile(at("file"), "mine")
    for (const target of ["copy", "file"]) {
      const refused = await run(["backup", at(target), "--url", agent.ready.http])
      expect(refused.code, target).toBe(1)
      expect(refused.stderr, target).toContain(target)
    }
    expect(await readFile(at("file"), "utf8")).toBe("mine")
  })

  it("is refused to a path that is not absolute", async () => {
    const ask = await fetch(new URL("/v1/backup", agent.ready.http), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ directory: "here" }),
    })
    expect(ask.status).toBe(400)
    expect(await ask.json()).toMatchObject({ detail: expect.stringContaining("/an/absolute/path") as string })
  })

  it("that was damaged is repaired into a copy that says what was lost; the damaged one stays as it is", async () => {
    const level = join(at("copy"), "log", "level")
    const names = (await readdir(level)).filter((name) => /\.(ldb|log)$/.test(name))
    const sizes = await Promise.all(names.map(async (name) => (await readFile(join(level, name))).length))
    const victim = join(level, names[sizes.indexOf(Math.max(...sizes))] ?? "")
    const bytes = await readFile(victim)
    bytes.writeUInt8((bytes.readUInt8(bytes.length >> 1) ^ 0x10) & 0xff, bytes.length >> 1)
    await writeFile(victim, bytes)
    expect((await run(["verify", at("copy")])).code).toBe(4)
    const repaired = await run(["verify", at("copy"), "--repair-copy", at("saved")])
    expect(repaired.stdout).toContain("holds what is whole of")
    expect((await run(["verify", at("saved")])).code).toBe(0)
    expect(await readFile(victim)).toEqual(bytes)
  })
})
