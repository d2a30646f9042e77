import { randomUUID } from "node:crypto"
import { Effect, Fiber, Stream } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { Commands } from "../../src/commands/Commands.ts"
import { CommandId, Position } from "../../src/domain/Brands.ts"
import type { ProcessCommand } from "../../src/domain/processes/ProcessCommand.ts"
import { LogReader } from "../../src/projections/LogReader.ts"
import { type Face, json, open } from "./face.ts"

/** What comes of a boot and of a stop, without a process behind it. */
interface Fate {
  readonly boot?: "runs" | "fails" | "ends at once"
  readonly stop?: "obeys" | "has to be forced"
}

const booted = (fate: Fate): ReadonlyArray<Record<string, unknown>> => {
  if (fate.boot === "fails") return [{ _tag: "RecordBootFailed", reason: "there is no such file" }]
  const identity = { bootId: "boot-1", pid: 4711, startTicks: 9 }
  const runs = { _tag: "RecordBooted", identity }
  return fate.boot === "ends at once" ? [runs, { _tag: "RecordExited", code: 3, signal: null }] : [runs]
}
const stopped = (fate: Fate): ReadonlyArray<Record<string, unknown>> =>
  fate.stop === "has to be forced"
    ? [
        { _tag: "RecordSignalled", signal: "SIGTERM" },
        { _tag: "RecordSignalled", signal: "SIGKILL" },
        { _tag: "RecordExited", code: null, signal: 9 },
      ]
    : [
        { _tag: "RecordSignalled", signal: "SIGTERM" },
        { _tag: "RecordExited", code: 0, signal: null },
      ]

/** Acts on committed intents as the supervisor does, and tells the outcome by command. */
const supervised = async (fate: Fate): Promise<Face> => {
  const face = await open()
  const act = Effect.gen(function* () {
    const commands = yield* Commands
    const reader = yield* LogReader
    yield* Stream.runForEach(reader.follow(Position(1)), (envelopes) =>
      Effect.forEach(envelopes, ({ event }) => {
        const outcomes =
          event._tag === "ProcessBootRequested"
            ? booted(fate)
            : event._tag === "ProcessSignalRequested"
              ? stopped(fate)
              : []
        const process = "process" in event ? event.process : null
        return Effect.forEach(outcomes, (outcome) => {
          const command = { ...outcome, id: CommandId(randomUUID()), process } as unknown as ProcessCommand
          return commands.submit(command, { actor: "supervisor" })
        })
      }),
    )
  })
  const fiber = await face.run(Effect.forkDaemon(act))
  return { ...face, close: () => face.run(Fiber.interrupt(fiber)).then(face.close) }
}

let face: Face
afterEach(() => face.close())
const post = async (path: string, body?: unknown) => {
  const answer = await face.ask(path, body === undefined ? { method: "POST" } : json(body))
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const get = async (path: string) => (await (await face.ask(path)).json()) as Record<string, unknown>
const env_vars = { DEBUG: "true", SECRET: "hunter2" }

describe("the script", () => {
  it("starts, is seen running, stops, and answers in the seed's words throughout", async () => {
    face = await supervised({})
    expect(await get("/status")).toEqual({ current_status: "not_running", current_pid: null, last_execution: null })
    expect(await post("/stop")).toEqual({ status: 400, body: { error: "No process running" } })

    const started = await post("/start", { env_vars, script_path: "run/it.sh" })
    expect(started).toEqual({
      status: 200,
      body: {
        current_status: "started",
        current_pid: 4711,
        last_execution: {
          start_time: expect.any(Number) as number,
          end_time: null,
          exit_code: null,
          exit_signal: null,
          pid: 4711,
          env_vars,
          script_path: "run/it.sh",
        },
      },
    })
    const running = await get("/status")
    expect(running).toMatchObject({ current_status: "running", current_pid: 4711 })
    expect(running["last_execution"]).toMatchObject({ env_vars: { DEBUG: "true", SECRET: "[redacted]" } })
    expect(JSON.stringify(await face.events())).not.toContain("hunter2")
    expect(await post("/start")).toEqual({
      status: 400,
      body: { error: "A process is already running. Stop it first." },
    })

    const stopped = await post("/stop")
    expect(stopped.body).toMatchObject({
      current_status: "stopped",
      current_pid: null,
      last_execution: { exit_code: 0, exit_signal: null, end_time: expect.any(Number) as number },
    })
    expect(stopped.body["last_execution"]).toMatchObject({ env_vars: { SECRET: "[redacted]" } })
    expect(await get("/status")).toMatchObject({ current_status: "not_running", current_pid: null })
    expect(await get("/status?at=2")).toMatchObject({ current_status: "running" })
  })

  it("needs no body: then it is the default script with no environment of its own", async () => {
    face = await supervised({})
    const started = await post("/start")
    expect(started.body["last_execution"]).toMatchObject({ env_vars: null, script_path: "launch.sh" })
    const [intent] = await face.events()
    expect(intent?.event).toMatchObject({
      _tag: "ProcessBootRequested",
      spec: { argv: ["/bin/sh", "/srv/jobs/launch.sh"], name: "launch.sh", workingDirectory: "/srv/jobs", env: null },
    })
    expect(intent?.actor).toBe(`uid:${process.getuid?.()}`)
  })

  it("that cannot start says why, with 500", async () => {
    face = await supervised({ boot: "fails" })
    expect(await post("/start")).toEqual({
      status: 500,
      body: { error: "Failed to start process: there is no such file" },
    })
    expect(await get("/status")).toMatchObject({ current_status: "not_running", current_pid: null })
  })

  it("that ended before its start was answered is told as exited", async () => {
    face = await supervised({ boot: "ends at once" })
    expect((await post("/start")).body).toMatchObject({ last_execution: { pid: 4711 } })
    expect(await get("/status")).toMatchObject({
      current_status: "exited",
      current_pid: null,
      last_execution: { exit_code: 3, exit_signal: null },
    })
    expect((await post("/stop")).status).toBe(400)
  })

  it("that has to be forced is told so", async () => {
    face = await supervised({ stop: "has to be forced" })
    await post("/start")
    expect((await post("/stop")).body).toMatchObject({
      current_status: "force_stopped",
      last_execution: { exit_code: null, exit_signal: 9 },
    })
  })

  it("restarts whether it runs or not, with what the new request says", async () => {
    face = await supervised({})
    expect((await post("/restart", { script_path: "a.sh" })).body).toMatchObject({ current_status: "started" })
    const again = await post("/restart", { script_path: "b.sh", env_vars: { A: "1" } })
    expect(again.body).toMatchObject({ last_execution: { script_path: "b.sh", env_vars: { A: "1" } } })
    const tags = (await face.events()).map(({ event }) => event._tag)
    expect(tags.filter((tag) => tag === "ProcessBootRequested")).toHaveLength(2)
    expect(tags.filter((tag) => tag === "ProcessExited")).toHaveLength(1)
  })

  it("is left alone by a restart that makes no sense", async () => {
    face = await supervised({})
    await post("/start")
    expect((await post("/restart", { script_path: 5 })).status).toBe(400)
    expect(await get("/status")).toMatchObject({ current_status: "running" })
  })

  it.each([
    ["an array", [], /must be a JSON object such as/],
    ["env_vars of another type", { env_vars: "A=1" }, /env_vars must be an object of string values, not a string/],
    ["a value that is no string", { env_vars: { PORT: 3000 } }, /that of "PORT" is a number/],
    ["a name with =", { env_vars: { "A=B": "1" } }, /no = and no NUL/],
    ["a NUL", { env_vars: { A: "\0" } }, /NUL in the value of "A"/],
    ["a script of another type", { script_path: 1 }, /script_path must be a string, not a number/],
    ["an empty script", { script_path: "" }, /script_path is empty/],
    ["a NUL in the script", { script_path: "a\0b" }, /holds a NUL/],
    ["a script above its root", { script_path: "../../etc/passwd" }, /outside the folders.*ANNALIST_SCRIPT_ROOTS/],
    ["an absolute one elsewhere", { script_path: "/bin/sh" }, /outside the folders/],
    ["the root itself", { script_path: "." }, /outside the folders/],
    ["__proto__", '{"env_vars":{"__proto__":"1"}}', /the key "__proto__" is not accepted/],
  ])("is not started with %s", async (_, body, says) => {
    face = await supervised({})
    const answer = await post("/start", body)
    expect(answer.status).toBe(400)
    expect(answer.body["error"]).toMatch(says)
    // Nothing was started, and who was refused what is written down.
    expect((await face.events()).filter(({ event }) => !event._tag.endsWith("Refused"))).toEqual([])
  })
})
