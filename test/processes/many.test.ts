// 200 processes booted, killed and flushed; a tree that resists; and 100 boots within a second: nothing lost, nothing left.

import { existsSync, readdirSync, readlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { scratch, until } from "../program.ts"
import { agent, carrying, type HttpAnswer, shimsOf } from "./drive.ts"

/** Without the files of living processes, which the collectors keep open whoever started those; one of a process that ended counts. */
const descriptors = (pid: number) =>
  readdirSync(`/proc/${pid}/fd`).filter((name) => !isOfLiving(targetOf(`/proc/${pid}/fd/${name}`))).length

const isOfLiving = (target: string) => {
  const [, owner] = /^\/proc\/(\d+)\//.exec(target) ?? []
  return owner !== undefined && existsSync(`/proc/${owner}`)
}

/** Empty for one that was closed meanwhile. */
const targetOf = (link: string) => {
  try {
    return readlinkSync(link)
  } catch {
    return ""
  }
}

it("boots, kills and flushes two hundred, and leaves no zombie, orphan or descriptor", async () => {
  const folder = await scratch()
  const data = join(folder.path, "data")
  const running = await agent(data)
  const marker = `MANY=${folder.path}`
  const boot = () =>
    running.ask("POST", "/v1/processes", { name: "one of many", argv: ["sleep", "300"], env: { MANY: folder.path } })
  await running.ask("POST", `/v1/processes/${(await boot()).body.id}/kill`)
  const before = descriptors(running.ready.pid)
  const booted = await Promise.all(Array.from({ length: 200 }, boot))
  expect(booted.map(({ status }) => status).filter((status) => status !== 201)).toEqual([])
  const pids = booted.map(({ body }) => body.pid)
  expect(new Set(pids).size).toBe(200)
  expect(new Set(carrying(marker))).toEqual(new Set(pids))
  const listed = async (status: string) =>
    (await running.ask("GET", "/v1/processes")).body.processes.filter((one) => one.status === status).length
  expect(await listed("running")).toBe(200)
  const killed = await Promise.all(
    booted.map(({ body }) => running.ask("POST", `/v1/processes/${body.id}/kill`, { grace_seconds: 5 })),
  )
  expect(killed.map(({ status }) => status).filter((status) => status !== 200)).toEqual([])
  expect(carrying(marker)).toEqual([])
  expect(await listed("stopped")).toBe(201)
  await Promise.all(booted.map(({ body }) => running.ask("DELETE", `/v1/processes/${body.id}`)))
  expect((await running.ask("GET", "/v1/processes")).body.processes).toHaveLength(1)
  await until(
    async () => (shimsOf(data).length === 0 && descriptors(running.ready.pid) <= before + 4 ? true : null),
    "all closed",
  )
  const events = await (
    await fetch(new URL("/v1/events?types=ProcessBooted,ProcessExited,ProcessFlushed&limit=10000", running.http))
  ).text()
  const count = (type: string) => events.split("\n").filter((line) => line.includes(`"type":"${type}"`)).length
  expect([count("ProcessBooted"), count("ProcessExited"), count("ProcessFlushed")]).toEqual([201, 201, 200])
  await running.stop()
  await folder.remove()
}, 90_000)

it("reports the end of a tree that resists only when nothing of it is left", async () => {
  const folder = await scratch()
  const running = await agent(join(folder.path, "data"))
  const file = join(folder.path, "tree.sh")
  writeFileSync(
    file,
    "trap '' TERM\nsetsid sleep 301 &\n(sleep 302 &)\n(setsid sh -c 'trap \"\" TERM; sleep 303 & wait' &)\nsleep 304\n",
  )
  const { body } = await running.ask("POST", "/v1/processes", { argv: ["sh", file], env: { TREE: folder.path } })
  await until(async () => (carrying(`TREE=${folder.path}`).length >= 6 ? true : null), "the tree")
  const killed = await running.ask("POST", `/v1/processes/${body.id}/kill`, { grace_seconds: 0.2 })
  expect(killed).toMatchObject({ status: 200, body: { status: "stopped", exit_signal: 9 } })
  expect(carrying(`TREE=${folder.path}`)).toEqual([])
  await running.stop()
  await folder.remove()
}, 30_000)

it("answers every one of a hundred boots that are asked for within a second", async () => {
  const folder = await scratch()
  const running = await agent(join(folder.path, "data"))
  const answers: Array<Promise<HttpAnswer>> = []
  for (let index = 0; index < 100; index++) {
    answers.push(running.ask("POST", "/v1/processes", { name: `quick-${index}`, argv: ["true"] }))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect((await Promise.all(answers)).filter(({ status, body }) => status !== 201 || body.pid === null)).toEqual([])
  await running.stop()
  await folder.remove()
}, 30_000)
