// The agent's spawner is killed under it: nobody notices who need not, and boots go on.

import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { scratch, until } from "../program.ts"
import { agent, type Agent, carrying, shimsOf } from "./drive.ts"

const spawnersOf = ({ ready }: Agent): ReadonlyArray<number> =>
  readdirSync("/proc").flatMap((name) => {
    try {
      const isSpawner = /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "latin1").includes("--spawner")
      const fields = isSpawner ? readFileSync(`/proc/${name}/stat`, "latin1").split(") ")[1]?.split(" ") : []
      return Number(fields?.[1]) === ready.pid && fields?.[0] !== "Z" ? [Number(name)] : []
    } catch {
      return []
    }
  })

it("boots, watches and ends processes though its spawner is killed again and again", async () => {
  const folder = await scratch()
  const running = await agent(join(folder.path, "data"))
  const boot = (argv: ReadonlyArray<string>) =>
    running.ask("POST", "/v1/processes", { argv, env: { ROUND: folder.path } })
  const one = async (id: string) => (await running.ask("GET", `/v1/processes/${id}`)).body
  expect(spawnersOf(running)).toEqual([])
  const lasting = (await boot(["sleep", "300"])).body
  const [first] = spawnersOf(running)
  for (let round = 0; round < 5; round++) {
    const ends = (await boot(["sh", "-c", "sleep 0.2; exit 7"])).body
    const answers = Array.from({ length: 10 }, () => boot(["sleep", "300"]))
    for (const pid of spawnersOf(running)) process.kill(pid, "SIGKILL")
    const booted = await Promise.all(answers)
    await until(async () => ((await one(ends.id)).status === "exited" ? true : null), "the end of one")
    // Asked for in the spawner's last moment, a boot may fail; it is answered, and then nothing of it runs.
    const lived = booted.filter(({ status }) => status === 201).map(({ body }) => body)
    expect(booted.filter(({ status }) => status !== 201 && status !== 422)).toEqual([])
    await until(
      () => Promise.resolve(carrying(`ROUND=${folder.path}`).length === lived.length + 1 ? true : null),
      "nobody but who was told of",
    )
    for (const { id } of lived)
      expect((await running.ask("POST", `/v1/processes/${id}/kill`, { grace_seconds: 5 })).body.status).toBe("stopped")
  }
  expect(spawnersOf(running)).not.toContain(first)
  expect((await one(lasting.id)).status).toBe("running")
  const killed = await running.ask("POST", `/v1/processes/${lasting.id}/kill`)
  expect(killed.body.status).toBe("stopped")
  expect(carrying(`ROUND=${folder.path}`)).toEqual([])
  await until(() => Promise.resolve(shimsOf(folder.path).length === 0 ? true : null), "the end of the shims")
  const spawners = spawnersOf(running)
  await running.stop()
  await until(
    () => Promise.resolve(spawners.every((pid) => !readdirSync("/proc").includes(String(pid))) ? true : null),
    "the end of the spawner",
  )
  await folder.remove()
}, 90_000)
