// kill -9 of the agent with 20 children, five times in a row: all are found again, none is doubled, every end is known.

import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { scratch, until } from "../program.ts"
import { type Agent, agent, carrying, shimsOf } from "./drive.ts"

const children = 20

it("finds its twenty children after each of five kills", async () => {
  const folder = await scratch()
  const data = join(folder.path, "data")
  const gate = (name: string) => join(folder.path, name)
  // Each ends when told: by a code, or by a real-time signal.
  const line = 'while [ ! -e "$GATE" ]; do sleep 0.05; done; [ "$HOW" -lt 30 ] && exit "$HOW"; kill -"$HOW" $$'
  let running: Agent = await agent(data)
  const boot = async (index: number) => {
    const { body } = await running.ask("POST", "/v1/processes", {
      name: `child-${index}`,
      argv: ["/bin/sh", "-c", line],
      env: { GATE: gate(`gate-${index}-`), HOW: index === 1 ? "35" : String(index) },
    })
    return body
  }
  const booted = await Promise.all(Array.from({ length: children }, (_, index) => boot(index)))
  const list = async () => {
    const { body } = await running.ask("GET", "/v1/processes")
    return new Map(body.processes.map((one) => [one.id, one] as const))
  }
  for (let round = 0; round < 5; round++) {
    await running.stop("SIGKILL")
    // One ends while no agent is there; in the first rounds by a code and by a real-time signal.
    writeFileSync(gate(`gate-${round}-`), "")
    // Its shim ends after it has dated that end.
    await until(async () => (shimsOf(data).length === children - round - 1 ? true : null), "the end of one")
    const endedBy = Date.now()
    running = await agent(data)
    expect(running.ready).toMatchObject({ adopted: children - round - 1 })
    expect(running.stderr()).toContain(
      `of the processes that an earlier agent left, adopted ${children - round - 1}: child-`,
    )
    expect(running.stderr()).toMatch(
      new RegExp(`recorded the end of 1: child-${round} \\((code ${round}|signal 35)\\)`),
    )
    const found = await list()
    expect(found.size).toBe(children)
    for (const [index, { id, pid }] of booted.entries()) {
      const one = found.get(id)
      if (index > round) expect([one?.status, one?.pid, one?.boots]).toEqual(["running", pid, 1])
      else
        expect([one?.status, one?.exit_code, one?.exit_signal]).toEqual([
          "exited",
          ...(index === 1 ? [null, 35] : [index, null]),
        ])
    }
    // Dated by its shim, not by the start that found it out.
    expect(Date.parse(found.get(booted[round]?.id ?? "")?.ended_at ?? "")).toBeLessThanOrEqual(endedBy)
    expect(shimsOf(data)).toHaveLength(children - round - 1)
  }
  const events = await (
    await fetch(new URL("/v1/events?types=ProcessBooted,ProcessExited&limit=10000", running.http))
  ).text()
  const count = (type: string) => events.split("\n").filter((one) => one.includes(`"type":"${type}"`)).length
  expect([count("ProcessBooted"), count("ProcessExited")]).toEqual([children, 5])
  const living = booted.slice(5).map(({ id }) => running.ask("POST", `/v1/processes/${id}/kill`, { grace_seconds: 2 }))
  for (const { status, body } of await Promise.all(living)) expect([status, body.status]).toEqual([200, "stopped"])
  expect(carrying(folder.path)).toEqual([])
  expect(shimsOf(data)).toEqual([])
  await running.stop()
  await folder.remove()
}, 120_000)
