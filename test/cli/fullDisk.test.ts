// The real program where there is no room, or hardly any, and what no log takes.

import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { lacking } from "../log/program.ts"
import { quietPorts, run, scratch, serve, until } from "../program.ts"

const lack = lacking({ root: true, tools: ["mount", "umount"] })

describe("an agent on a full disk", () => {
  it.skipIf(lack !== null)(
    `says so in a line and leaves nothing behind; with hardly any room it gives up telemetry and says that${lack === null ? "" : ` (${lack})`}`,
    { timeout: 120_000 },
    async () => {
      const place = await scratch()
      const disk = join(place.path, "disk")
      mkdirSync(disk)
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk])
      try {
        writeFileSync(join(disk, "filler"), new Uint8Array(64 * 1024))
        const agent = ["agent", "--data", join(disk, "deep", "data"), ...quietPorts]
        const refused = await run(agent)
        expect(refused.code).not.toBe(0)
        expect(refused.stderr.trim().split("\n")).toHaveLength(1)
        expect(refused.stderr).toContain("make room on the disk, then start again")
        expect(existsSync(join(disk, "deep"))).toBe(false)

        rmSync(join(disk, "filler"))
        execFileSync("mount", ["-o", "remount,size=1m", disk])
        const running = await serve(agent)
        try {
          const reasons = await until(
            async () => {
              const answer = (await (await fetch(`${running.ready.http}/v1/health/ready`)).json()) as {
                readonly reasons?: ReadonlyArray<string>
              }
              return answer.reasons ?? null
            },
            "the answer that telemetry is given up",
            60_000,
          )
          expect(reasons.join("; ")).toContain(
            "the disk is nearly full: telemetry is turned away so that actions still fit",
          )

          const line = JSON.stringify({ rank: 0, size: 1, func_name: "all_reduce", filename: "a".repeat(1_100_000) })
          const answer = await fetch(`${running.ready.http}/log_ccl`, {
            method: "POST",
            headers: { "content-type": "application/x-ndjson" },
            body: `${line}\n`,
          })
          expect(await answer.json()).toMatchObject({
            accepted: 0,
            rejected: [{ line: 1, error: "the line is longer than 262144 bytes, which is the limit" }],
          })
        } finally {
          await running.stop()
        }
      } finally {
        execFileSync("umount", ["-l", disk])
        await place.remove()
      }
    },
  )
})
