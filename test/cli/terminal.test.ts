// What a person at the terminal gets to see: bars, columns, log lines, and one line for every failure.

import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { failed, sentenceOf, wrongUsage } from "../../src/cli/Failure.ts"
import * as Logging from "../../src/cli/logging.ts"
import * as Progress from "../../src/cli/Progress.ts"
import { quietly, runToEnd } from "../../src/cli/running.ts"
import { columns, plain, size } from "../../src/cli/text.ts"
import * as Written from "../../src/cli/Written.ts"
import { memoryTerminal } from "./given.ts"

describe("a progress bar", () => {
  const drawn = (errIsTerminal: boolean) => {
    const seen = memoryTerminal({ errIsTerminal })
    let now = 0
    const bar = Progress.make(seen.terminal, "reading x", () => now)
    for (now = 0; now <= 2000; now += 10) bar.at(now, 2000)
    bar.end()
    return seen.err()
  }

  it("shows after a second, now and then, and is gone at the end", () => {
    const frames = drawn(true).split("\r")
    expect(frames[1]).toBe("reading x [###############...............] 50 %\u001b[K")
    expect(frames.length).toBeLessThan(15)
    expect(frames.at(-1)).toBe("\u001b[K")
  })

  it("is not drawn where nobody looks", () => {
    expect(drawn(false)).toBe("")
  })
})

describe("text", () => {
  it("cannot steer the terminal", () => {
    expect(plain("a\u001b[31mb\nc\u0000\u202e")).toBe("a\ufffd[31mb\ufffdc\ufffd\ufffd")
    expect(
      columns([
        ["a", "long"],
        ["wider", "b\u001bc"],
      ]),
    ).toBe("a      long\nwider  b\ufffdc\n")
  })

  it("gives sizes in units", () => {
    expect([0, 1023, 1024, 1536, 2 ** 30].map(size)).toEqual(["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 GiB"])
  })
})

describe("log records", () => {
  const logged = (format: "auto" | "json" | "text", errIsTerminal: boolean, effect: Effect.Effect<unknown>) => {
    const seen = memoryTerminal({ errIsTerminal })
    Effect.runSync(Effect.provide(effect, Logging.layer(seen.terminal, { format, level: "info" })))
    return seen.err()
  }
  const record = Effect.logWarning("the clock\njumped", { by: 3 }).pipe(Effect.annotateLogs({ port: 8080 }))

  it("are one line of JSON each where no person looks", () => {
    const text = logged("auto", false, Effect.zipRight(record, Effect.logInfo("two")))
    const [first, second, ...more] = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(first).toMatchObject({ level: "warn", message: `the clock\njumped {"by":3}`, port: 8080 })
    expect(first?.["time"]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(second).toMatchObject({ level: "info", message: "two" })
    expect(more).toEqual([])
  })

  it("are readable on a terminal, and JSON there when asked for", () => {
    expect(logged("auto", true, record)).toMatch(/^[\d:.]{12} warn: the clock\\njumped \{"by":3\} port=8080\n$/)
    expect(JSON.parse(logged("json", true, record))).toMatchObject({ port: 8080 })
    expect(logged("text", false, record)).toMatch(/^[\d:.]{12} warn: /)
  })

  it("carry the cause of what broke", () => {
    const broken = Effect.logError("it broke", {
      circular: (() => {
        const one: Record<string, unknown> = {}
        one["self"] = one
        return one
      })(),
    }).pipe(
      Effect.zipRight(
        Effect.sandbox(Effect.die(new Error("why"))).pipe(Effect.catchAll((cause) => Effect.logError("look", cause))),
      ),
    )
    const lines = logged("json", false, broken).trimEnd().split("\n")
    expect(lines).toHaveLength(2)
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ message: "look" })
    expect(lines[1]).toContain("Error: why")
  })

  it("below the level are left out", () => {
    expect(logged("json", false, Effect.logDebug("x"))).toBe("")
  })
})

describe("the end of a command", () => {
  const ended = async (program: Effect.Effect<number, unknown>) => {
    const seen = memoryTerminal()
    const code = await runToEnd(program, seen.terminal, quietly)
    return { code, err: seen.err() }
  }

  it("is its own exit code, or that of its failure with one line", async () => {
    expect(await ended(Effect.succeed(3))).toEqual({ code: 3, err: "" })
    expect(await ended(failed("no\u001b"))).toEqual({ code: 1, err: "annalist: no\ufffd\n" })
    expect(await ended(wrongUsage("not so"))).toEqual({ code: 2, err: "annalist: not so\n" })
    expect((await ended(Effect.die(new Error("oops")))).err).toMatch(
      /^annalist: broke, which is a mistake of its own:\nError: oops/,
    )
  })

  it("knows the sentence of any error", () => {
    expect(sentenceOf(new Error("a"))).toBe("a")
    expect(sentenceOf({ reason: "b" })).toBe("b")
    expect(sentenceOf({ reason: "b", advice: "c" })).toBe("b; c")
    expect(sentenceOf("d")).toBe("d")
  })

  it("by a signal is orderly, and lets go of the signals afterwards", async () => {
    const before = process.listenerCount("SIGTERM")
    let closed = false
    let begin = (): void => undefined
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const program = Effect.sync(() => begin()).pipe(
      Effect.zipRight(Effect.never),
      Effect.ensuring(Effect.sync(() => (closed = true))),
    )
    const seen = memoryTerminal()
    const code = runToEnd(program, seen.terminal, { ...quietly, onSignal: 0 })
    await begun
    process.emit("SIGTERM", "SIGTERM")
    expect(await code).toBe(0)
    expect([closed, process.listenerCount("SIGTERM")]).toEqual([true, before])
  })
})

describe("what was written", () => {
  const seen = (...texts: ReadonlyArray<string>) => {
    const written = Written.ofSession()
    for (const text of texts) written.see(Buffer.from(text))
    return written
  }
  const header = `{"annalist":1,"node":"n","boot_id":"b","from":3,"to":9,"created":"x"}\n`

  it("is told from its first and last line, however the chunks fell", () => {
    const written = seen(
      header.slice(0, 20),
      `${header.slice(20)}${"x".repeat(50_000)}`,
      `\n{"end":true,"cou`,
      `nt":7,"digest":"sha256:00"}\n`,
    )
    expect(written.whole()).toBe(true)
    expect(written.summary()).toMatchObject({
      facts: { from: 3, to: 9, events: 7 },
      shown: expect.stringMatching(/^7 events, positions 3 to 9, /) as string,
    })
  })

  it("is not whole without an end line", () => {
    expect(seen(header, `{"position":3}\n`).whole()).toBe(false)
    expect(seen().whole()).toBe(false)
  })
})
