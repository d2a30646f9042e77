// `python -m annalist_report`: a script that knows nothing of it runs as it would by itself. And the real agent takes what is reported.

import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { quietPorts, scratch, serve } from "../program.ts"
import { lastLine, python, runPython, runText } from "./python.ts"

const title = (name: string) => (python === null ? `${name} (wants python3)` : name)

const script = `
import json, sys
import neighbour
print(json.dumps({"name": __name__, "argv": sys.argv, "file": __file__, "wraps": "annalist_report" in sys.modules}))
sys.exit(4)
`

describe.skipIf(python === null)(title("python -m annalist_report"), () => {
  let folder = ""
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "annalist-reporter-test-"))
    await writeFile(join(folder, "train.py"), script)
    await writeFile(join(folder, "neighbour.py"), "")
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it("runs a script with its arguments, its folder and its exit code", async () => {
    const path = join(folder, "train.py")
    const ended = await runPython(["-m", "annalist_report", path, "--lr", "3"])
    expect(lastLine(ended)).toEqual({ name: "__main__", argv: [path, "--lr", "3"], file: path, wraps: true })
    expect(ended.code).toBe(4)
  })

  it("runs a module", async () => {
    const ended = await runPython(["-m", "annalist_report", "-m", "train", "x"], { cwd: folder })
    expect((lastLine(ended) as { argv: ReadonlyArray<string> }).argv.slice(1)).toEqual(["x"])
    expect(ended.code).toBe(4)
  })

  it("is one with what the script imports itself", async () => {
    await writeFile(
      join(folder, "imports.py"),
      "import sys, annalist_report\nprint(sum(getattr(each, '__name__', '') == '_Finder' for each in sys.meta_path))",
    )
    const { stdout } = await runPython(["-m", "annalist_report", join(folder, "imports.py")])
    expect(stdout).toBe("1\n")
  })

  it("says how it is used", async () => {
    const { code, stdout } = await runPython(["-m", "annalist_report", "--help"])
    expect(code).toBe(0)
    expect(stdout).toBe("usage: python -m annalist_report (SCRIPT | -m MODULE) [ARGUMENT ...]\n")
  })

  it("keeps to Python 3.9", async () => {
    const program = `
import ast, annalist_report
ast.parse(open(annalist_report.__file__).read(), feature_version=(3, 9))
`
    expect((await runText(program)).stderr).toBe("")
  })
})

describe.skipIf(python === null)(title("the real agent"), () => {
  it("takes what two ranks report, and knows who they are", async () => {
    const data = await scratch()
    const agent = await serve(["agent", ...quietPorts, "--data", data.path])
    try {
      const url = `${agent.ready.ccl}/log_ccl`
      const rank = (number: number) =>
        runText(
          `import annalist_report as report
for _ in range(100):
    with report.collective("allreduce", rank=${number}, size=2, count=8, dtype="float32"):
        pass
`,
          { url, env: { ANNALIST_RUN_ID: "two" } },
        )
      const ended = await Promise.all([rank(0), rank(1)])
      expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
        { code: 0, stderr: "" },
        { code: 0, stderr: "" },
      ])
      const types = "CollectiveStarted,CollectiveFinished"
      const lines = (await (await fetch(`${agent.ready.http}/v1/events?types=${types}`)).text()).trim().split("\n")
      expect(lines).toHaveLength(400)
      const { data: first } = JSON.parse(lines[0]!) as { readonly data: Record<string, unknown> }
      expect(first).toMatchObject({
        op: "allreduce",
        size: 2,
        count: 8,
        filename: "<string>:3",
        reporter: { key: "two", runId: "two" },
        extra: null,
      })
    } finally {
      await agent.stop()
      await data.remove()
    }
  })
})
