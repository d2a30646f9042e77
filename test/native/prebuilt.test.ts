import { spawnSync } from "node:child_process"
import * as path from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import {
  ended,
  fallback,
  nativeDirectory,
  onLinux,
  processStat,
  removeTemporaryDirectories,
  Run,
  sh,
  until,
} from "./harness.ts"

afterAll(removeTemporaryDirectories)

describe.skipIf(!onLinux)("the sh fallback", () => {
  const run = (program: ReadonlyArray<string>, options: ReadonlyArray<string> = []) =>
    ended({ executable: fallback, program, options })

  it("writes the same records, and calls an end ambiguous that the shell cannot tell", async () => {
    const [seven, killed, code] = await Promise.all([
      run(sh("echo hi; exit 7")),
      run(sh("kill -KILL $$")),
      run(sh("exit 137")),
    ])
    expect(seven.status()).toMatchObject({ wait_status: 7 << 8, code: 7, signal: null })
    expect(seven.status().ambiguous).toBeUndefined()
    expect(seven.output()).toBe("hi\n")
    await until("three lines came", () => seven.lines.length === 3)
    expect(seven.lines).toEqual([seven.identity(), seven.status(), seven.empty()])
    for (const each of [killed, code])
      expect(each.status()).toMatchObject({ wait_status: null, code: null, signal: null, ambiguous: true })
  })

  it("refuses what it cannot do rather than leaving it out", async () => {
    const [limit, missing, cwd] = await Promise.all([
      run(["true"], ["--limit", "nofile=10"]),
      run(["/nonexistent"]),
      run(["true"], ["--cwd", "/nonexistent"]),
    ])
    expect(limit.failure()).toMatchObject({ step: "limit", errno: 95 })
    expect(missing.failure()).toMatchObject({ step: "exec", errno: 2, path: "/nonexistent" })
    expect(cwd.failure()).toMatchObject({ step: "cwd", errno: 2 })
  })

  it("outlives the signals that end agents and gives its child default ones and a session", async () => {
    const run = Run.boot({ executable: fallback, program: sh("grep SigIgn /proc/self/status; exec sleep 60") })
    const { pid } = await run.booted()
    await until("the child spoke", () => run.output().includes("\n"))
    expect(run.output()).toBe(`SigIgn:\t${"0".repeat(16)}\n`)
    expect(processStat(pid)).toMatchObject({ group: pid, session: pid })
    for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.kill(run.child.pid!, signal)
    process.kill(pid, "SIGKILL")
    await run.gone()
    expect(run.status().ambiguous).toBe(true)
  })
})

describe.skipIf(!onLinux)("the committed binaries", () => {
  it("are what the sources give (compared where compiler and libc are the recorded ones)", (context) => {
    const check = spawnSync(path.join(nativeDirectory, "build.sh"), ["--check"], { encoding: "utf8" })
    if (check.status === 77) context.skip(check.stdout.trim())
    expect(check.stdout + check.stderr).toBe("the committed binaries are what these sources give\n")
    expect(check.status).toBe(0)
  })
})
