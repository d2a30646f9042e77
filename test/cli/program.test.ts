// The real program: exit codes, signals, closed pipes and how fast it answers.

import { execFile, spawnSync } from "node:child_process"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { annalist, run, type Running, scratch, serve } from "../program.ts"
import { everything, sessionOf } from "../session/given.ts"

describe("the real program", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let opened: Running
  let whole: Buffer
  const place = (name: string) => join(folder.path, name)

  beforeAll(async () => {
    folder = await scratch()
    whole = await Effect.runPromise(sessionOf(everything(3000)))
    await writeFile(place("session.ndjson"), whole)
    await writeFile(place("torn.ndjson"), whole.subarray(0, 100_000))
    opened = await serve(["open", place("session.ndjson")])
  })
  afterAll(async () => {
    await opened.stop()
    await folder.remove()
  })

  it("answers --help within 300 ms", async () => {
    const times: Array<number> = []
    for (let round = 0; round < 5; round++) {
      const began = performance.now()
      expect((await run(["--help"])).code).toBe(0)
      times.push(performance.now() - began)
    }
    expect(Math.min(...times)).toBeLessThan(300)
  })

  it.each<readonly [code: number, ...words: ReadonlyArray<string>]>([
    [0, "--version"],
    [2],
    [2, "no-such-command"],
    [2, "agent", "--port", "nine"],
    [2, "agent", "--config", "nowhere.json"],
    [2, "open"],
    [1, "open", "nowhere.ndjson"],
    [1, "verify", "package.json"],
    [1, "status", "http://127.0.0.1:9"],
    [2, "status", "nonsense"],
    [0, "completions", "fish"],
  ])("ends with %i: annalist %s %s %s", async (code, ...words) => {
    const ended = await run(words.map(String))
    expect(ended.code).toBe(code)
    if (code !== 0) expect(ended.stderr).toMatch(/^annalist/)
  })

  it("refuses an unknown setting of the environment and of the file, and names it", async () => {
    const environment = await run(["agent"], { env: { ANNALIST_PROT: "1" } })
    expect(environment).toEqual({
      code: 2,
      stdout: "",
      stderr: "annalist: the environment sets ANNALIST_PROT, which is no setting; did you mean ANNALIST_PORT?\n",
    })
    await writeFile(place("annalist.config.json"), `{"prot": 1}`)
    const file = await run(["agent"], { cwd: folder.path })
    expect(file.stderr).toBe(`annalist: annalist.config.json sets "prot", which is no setting; did you mean port?\n`)
    expect(file.code).toBe(2)
  })

  it("exports from a served session what that session is", async () => {
    const exported = await run(["export", "--url", opened.ready.http, "-o", place("again.ndjson")])
    expect(exported.stdout).toMatch(/again\.ndjson: 3000 events, positions 1 to 3000, [\d.]+ MiB of text\n$/)
    const events = (text: string) => text.split("\n").slice(1, -2)
    expect(events(await readFile(place("again.ndjson"), "utf8"))).toEqual(events(whole.toString()))
    const packed = await run([
      "export",
      "--url",
      opened.ready.http,
      "--from",
      "2990",
      "-o",
      place("slice.gz"),
      "--json",
    ])
    expect(JSON.parse(packed.stdout)).toMatchObject({ from: 2990, to: 3000, events: 18 })
    expect((await run(["verify", place("slice.gz")])).code).toBe(0)
    const refused = await run(["export", "--url", opened.ready.http, "--from", "4711", "-o", place("no.ndjson")])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/^annalist: position 4711 is not written yet; the last one is 3000/)
  })

  it("shows a served session in status, ps and tail", async () => {
    const status = await run(["status", opened.ready.http])
    expect(status.stdout).toMatch(/^node +node-1, a recorded session, at http/)
    expect((await run(["ps", opened.ready.http, "--at", "5"])).stdout).toMatch(/^ID +NAME +STATUS .*\n.*running +4711/)
    const tail = await run(["tail", opened.ready.http, "--json", "--from", "2999"])
    expect(
      tail.stdout
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { position: number }).position),
    ).toEqual([2999, 3000])
    expect(tail.code).toBe(1)
    expect(tail.stderr).toContain("ended the stream")
  })

  it("ends quietly when nobody reads on", async () => {
    const { stdout, stderr } = await promisify(execFile)("sh", [
      "-c",
      `"$0" "$1" export --url "$2" -o - | head -n 1`,
      process.execPath,
      annalist,
      opened.ready.http,
    ])
    expect(stdout).toMatch(/^\{"annalist":1,.*\}\n$/)
    expect(stderr).toBe("")
  })

  it("opens a torn session, and says so on stderr in a line of JSON", async () => {
    const torn = await serve(["open", place("torn.ndjson")])
    const state = (await (await fetch(new URL("/v1/state", torn.ready.http))).json()) as { head: { position: number } }
    expect(state.head.position).toBeGreaterThan(100)
    const { code, millis } = await torn.stop()
    expect(code).toBe(0)
    expect(millis).toBeLessThan(2000)
    const [line = ""] = torn.stderr().split("\n")
    const record = JSON.parse(line) as { level: string; message: string }
    expect(record.level).toBe("warn")
    expect(record.message).toMatch(/is torn after line \d+: .*missing$/)
  })

  it("ends in order, with 0, though a stream is open, and by ^C", async () => {
    const one = await serve(["open", place("session.ndjson")])
    const stream = await fetch(new URL("/v1/events?follow=true", one.ready.http), {
      headers: { accept: "text/event-stream" },
    })
    const two = await serve(["open", place("session.ndjson")])
    const ends = await Promise.all([one.stop("SIGTERM"), two.stop("SIGINT")])
    expect(ends.map(({ code }) => code)).toEqual([0, 0])
    for (const { millis } of ends) expect(millis).toBeLessThan(2000)
    await stream.body?.cancel().catch(() => undefined)
  })

  it("is a library, too", () => {
    const program = `
      import { fetchHandler, openSession } from ${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)}
      const session = await openSession(${JSON.stringify(place("session.ndjson"))})
      const answer = await fetchHandler(session)(new Request("http://any/v1/state"))
      console.log(JSON.stringify(await answer.json()))
      await session.close()`
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
    })
    expect([status, stderr]).toEqual([0, ""])
    expect(JSON.parse(stdout)).toMatchObject({ position: 3000, read_only: true })
  })
})
