// From words to commands: help, wrong usage and completions, all from one table.

import { execFileSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import * as Arguments from "../../src/cli/Arguments.ts"
import { commands } from "../../src/cli/commands.ts"
import { nearest } from "../../src/cli/nearest.ts"
import { annalist } from "./given.ts"

const shape = {
  flags: [
    { name: "at", value: "T", summary: "" },
    { name: "output", short: "o", value: "FILE", summary: "" },
    { name: "json", value: null, summary: "" },
  ],
  operands: { shown: "FILE", min: 1, max: 1 },
}

describe("arguments", () => {
  it.each<readonly [ReadonlyArray<string>, Partial<Record<string, string>>, ReadonlyArray<string>]>([
    [["a"], {}, ["a"]],
    [["--at", "-10m", "a"], { at: "-10m" }, ["a"]],
    [["--at=-10m", "a"], { at: "-10m" }, ["a"]],
    [["--at=", "a"], { at: "" }, ["a"]],
    [["a", "-o", "-"], { output: "-" }, ["a"]],
    [["--output", "x=y", "a"], { output: "x=y" }, ["a"]],
    [["--", "--at"], {}, ["--at"]],
    [["-"], {}, ["-"]],
  ])("take %j", (words, values, operands) => {
    const parsed = Arguments.parse(words, shape)
    if (typeof parsed === "string") throw new Error(parsed)
    expect(Object.fromEntries(parsed.values)).toEqual(values)
    expect(parsed.operands).toEqual(operands)
  })

  it.each<readonly [ReadonlyArray<string>, string]>([
    [[], "FILE is missing"],
    [["a", "b"], `"b" is too much: it takes FILE`],
    [["--att", "1", "a"], "--att is no flag of this command; did you mean --at?"],
    [["-x", "a"], "-x is no flag of this command"],
    [["--at"], "--at needs a value: --at T"],
    [["--at", "--json", "a"], "--at needs a value: --at T"],
    [["--json=1", "a"], "--json takes no value"],
    [["--at", "1", "--at", "2", "a"], "--at is given twice"],
  ])("refuse %j: %s", (words, problem) => {
    expect(Arguments.parse(words, shape)).toBe(problem)
  })
})

describe("the nearest name", () => {
  it.each([
    ["exprot", "export"],
    ["explian", "explain"],
    ["Port", "port"],
    ["kill-9", null],
    ["x".repeat(1000), null],
  ])("to %s is %s", (typed, known) => {
    expect(nearest(typed, ["export", "explain", "port", "help"])).toBe(known)
  })
})

describe("annalist", () => {
  it("lists its commands", async () => {
    const { code, out } = await annalist("--help")
    expect(code).toBe(0)
    for (const { name, summary } of commands) expect(out).toContain(`  ${name.padEnd(12)} ${summary}`)
  })

  it("tells its version", async () => {
    expect(await annalist("--version")).toEqual({ code: 0, out: "0.0.0-test\n", err: "" })
  })

  it("alone is wrong usage, and helps", async () => {
    const { code, out, err } = await annalist()
    expect([code, out]).toEqual([2, ""])
    expect(err).toContain("Usage: annalist COMMAND")
  })

  it("names the command that was meant", async () => {
    expect(await annalist("verfy")).toEqual({
      code: 2,
      out: "",
      err: `annalist: "verfy" is no command; did you mean verify? (annalist --help lists them)\n`,
    })
  })

  it.each(commands.map((command) => [command.name, command] as const))(
    "explains %s with an example",
    async (name, command) => {
      const { code, out } = await annalist(name, "--help")
      expect(code).toBe(0)
      expect(out).toContain(`Usage: annalist ${name}`)
      expect(out).toContain(command.example)
      expect(command.example).toMatch(new RegExp(`^annalist ${name}( |$)`))
      for (const flag of command.flags) expect(out).toContain(`--${flag.name}`)
      for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(100)
      expect((await annalist("help", name)).out).toBe(out)
    },
  )

  it.each(commands.map(({ name }) => name))("%s takes no flag that it does not know", async (name) => {
    const { code, err } = await annalist(name, "--no-such-flag")
    expect(code).toBe(2)
    expect(err).toMatch(
      new RegExp(
        `^annalist ${name}: --no-such-flag is no flag of this command.* \\(annalist ${name} --help tells what is right\\)\\n$`,
      ),
    )
  })

  it("has an example for every command that its own parser takes", () => {
    for (const { name, example, flags, operands, settings } of commands) {
      const words = (example.split(" > ")[0] ?? "").split(" ").slice(2)
      const all = [...flags, ...settings.map((one) => ({ name: one.toLowerCase(), value: "V", summary: "" }))]
      expect(typeof Arguments.parse(words, { flags: all, operands }), name).toBe("object")
    }
  })
})

describe("completions", () => {
  const completed = (script: string, ...words: ReadonlyArray<string>): ReadonlyArray<string> =>
    execFileSync("bash", [
      "-c",
      `${script}\nCOMP_WORDS=(annalist "$@"); COMP_CWORD=$#; _annalist; printf '%s\\n' "\${COMPREPLY[@]}"`,
      "bash",
      ...words,
    ])
      .toString()
      .trim()
      .split("\n")

  it("complete commands, flags and words in bash", async () => {
    const { out } = await annalist("completions", "bash")
    expect(completed(out, "ex")).toEqual(["export", "explain"])
    expect(completed(out, "agent", "--ccl")).toEqual(["--ccl-port"])
    expect(completed(out, "completions", "")).toEqual(["bash", "zsh", "fish"])
    expect(completed(out, "help", "ver")).toEqual(["verify"])
    expect(completed(out, "open", "package.j")).toEqual(["package.json"])
  })

  it.each(["zsh", "fish"])("know every command and flag in %s", async (shell) => {
    const { code, out } = await annalist("completions", shell)
    expect(code).toBe(0)
    for (const { name, flags } of commands) {
      expect(out).toContain(name)
      for (const flag of flags) expect(out).toContain(shell === "zsh" ? `--${flag.name}[` : `-l ${flag.name}`)
    }
  })

  it("refuse a shell that nobody knows", async () => {
    expect(await annalist("completions", "cmd")).toMatchObject({ code: 2, out: "" })
  })
})
