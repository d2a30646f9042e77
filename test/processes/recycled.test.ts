// A recycled pid is never signalled, in a pid namespace where pids can be handed out again on purpose.

import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { annalist, scratch } from "../program.ts"
import { wants } from "../support/wants.ts"

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0

const check = isRoot ? wants("curl", "iproute2").it : it.skipIf(!isRoot)

check(
  `a pid that was given to somebody else is left alone${isRoot ? "" : " (skipped: needs root)"}`,
  async () => {
    const folder = await scratch()
    const script = join(import.meta.dirname, "recycled.sh")
    const namespace = ["--pid", "--net", "--fork", "--kill-child", "--mount-proc"]
    const inside = ["sh", "-c", 'ip link set lo up; exec sh "$@"', "sh", script]
    const { stdout } = await run(
      "unshare",
      namespace.concat(inside, process.execPath, annalist, join(folder.path, "data")),
    )
    const told = JSON.parse(stdout) as Record<"pid" | "stranger" | "kill", number> & {
      readonly alive: string
      readonly process: object
    }
    expect(told.stranger).toBe(told.pid)
    expect(told).toMatchObject({ alive: "yes", kill: 409 })
    expect(told.process).toMatchObject({ status: "exited", exit_code: null, exit_signal: null })
    await folder.remove()
  },
  60_000,
)
