// Seed 004 on the real program: each of its calls over real gRPC, by a client that is none of our own library's.

import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { scratch, until } from "../program.ts"
import { wants } from "../support/wants.ts"
import {
  type Agent,
  agent,
  bootOf,
  carrying,
  type DruncAnswer,
  type Instance,
  instances,
  python,
  query,
} from "./drive.ts"

// Real programs and real protocols on machines that may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const needed = wants("python3-grpcio", "python3-protobuf")

const uuidOf = (answer: DruncAnswer): string => first(answer).uuid.uuid
const first = (answer: DruncAnswer): Instance => {
  const [one] = instances(answer)
  if (one === undefined) throw new Error(JSON.stringify(answer))
  return one
}
const reason = (answer: DruncAnswer): string => answer.data.text.join("\n")

needed.describe("the process manager", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let running: Agent
  let client: Awaited<ReturnType<typeof python>>
  beforeAll(async () => {
    folder = await scratch()
    running = await agent(join(folder.path, "data"))
    client = await python(running.grpc)
  })
  afterAll(async () => {
    await client.ask({ call: "terminate" })
    client.end()
    await running.stop()
    await folder.remove()
  })
  const ask = (asked: Parameters<typeof client.ask>[0]) => client.ask(asked)

  it("describes itself", async () => {
    const answer = await ask({ call: "describe" })
    expect(answer).toMatchObject({
      name: "process_manager",
      flag: 0,
      children: 0,
      token: "tester",
      type: "Description",
    })
    expect(answer.data.type).toBe("process_manager")
    expect(answer.data.commands.map(({ name }) => name)).toEqual([
      "describe",
      "boot",
      "terminate",
      "restart",
      "kill",
      "flush",
      "ps",
      "logs",
    ])
  })

  it("boots programs one after the other, echoes them whole to who booted them, and lists them without secrets", async () => {
    const asked = bootOf(
      "hello-01",
      [
        ["echo", "Hello", "$HOME;"],
        ["sleep", "300"],
      ],
      { env: { SECRET: "s3cret", LANG: "C" } },
    )
    const booted = await ask(asked)
    expect(booted).toMatchObject({ flag: 0, url: "type.googleapis.com/dunedaq.druncschema.ProcessInstanceList" })
    const one = first(booted)
    expect(one).toMatchObject({
      status_code: "RUNNING",
      return_code: 0,
      process_restriction: { allowed_hosts: ["localhost"] },
    })
    expect(one.uuid.uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4/)
    expect(one.process_description).toMatchObject({
      metadata: { uuid: one.uuid, user: "tester", session: "run", name: "hello-01", hostname: "localhost" },
      env: { SECRET: "s3cret", LANG: "C" },
      executable_and_arguments: [
        { exec: "echo", args: ["Hello", "$HOME;"] },
        { exec: "sleep", args: ["300"] },
      ],
    })
    const listed = first(await ask(query("ps", { names: ["^hello"] })))
    expect(listed.process_description.env).toEqual({ SECRET: "[redacted]", LANG: "C" })
    const lines = await until(async () => {
      const found = await client.lines({ call: "logs", type: "LogRequest", data: { query: { uuids: [one.uuid] } } })
      return found.length > 0 ? found : null
    }, "a line of output")
    expect(lines[0]).toMatchObject({ flag: 0, type: "LogLine", data: { uuid: one.uuid, line: "Hello $HOME;\n" } })
  })

  it("ORs the fields of a query; an empty one matches nothing", async () => {
    await ask(
      bootOf("other-01", [["sleep", "300"]], { metadata: { user: "ada", name: "other-01", session: "second" } }),
    )
    const names = async (data: object) =>
      instances(await ask(query("ps", data)))
        .map((one) => one.process_description.metadata.name)
        .toSorted()
    expect(await names({})).toEqual([])
    expect(await names({ names: [".*"] })).toEqual(["hello-01", "other-01"])
    expect(await names({ user: "ada" })).toEqual(["other-01"])
    expect(await names({ session: "run", names: ["oth"] })).toEqual(["hello-01", "other-01"])
    expect(instances(await ask(query("kill", {})))).toEqual([])
  })

  it("restarts exactly one, under its uuid", async () => {
    const before = uuidOf(await ask(query("ps", { names: ["hello"] })))
    const restarted = await ask(query("restart", { names: ["hello"] }))
    expect(restarted).toMatchObject({ flag: 0, type: "ProcessInstanceList" })
    expect(uuidOf(restarted)).toBe(before)
    expect(first(restarted).status_code).toBe("RUNNING")
    const none = await ask(query("restart", { names: ["nobody"] }))
    expect(none).toMatchObject({ flag: 6, type: "Stacktrace", token: "tester" })
    expect(reason(none)).toBe("The process corresponding to the query doesn't exist")
    const many = await ask(query("restart", { names: [".*"] }))
    expect(reason(many)).toBe("There are more than 1 processes corresponding to the query")
  })

  it("kills with everything that they started, and says how they ended", async () => {
    const killed = await ask(query("kill", { names: [".*"] }))
    expect(instances(killed).map((one) => [one.status_code, one.return_code])).toEqual([
      ["DEAD", -3],
      ["DEAD", -3],
    ])
    for (const one of instances(killed)) expect(carrying(one.uuid.uuid)).toEqual([])
  })

  it("flushes the dead, and only them", async () => {
    await ask(bootOf("living", [["sleep", "300"]]))
    const flushed = await ask(query("flush", { names: [".*"] }))
    expect(
      instances(flushed)
        .map((one) => one.process_description.metadata.name)
        .toSorted(),
    ).toEqual(["hello-01", "other-01"])
    expect(
      instances(await ask(query("ps", { names: [".*"] }))).map((one) => one.process_description.metadata.name),
    ).toEqual(["living"])
    expect(instances(await ask({ call: "terminate" })).map((one) => one.return_code)).toEqual([-3])
  })

  it("streams the last lines, and with follow those that come while the process lives", async () => {
    const file = join(folder.path, "talks.sh")
    writeFileSync(file, "i=0; while [ $i -lt 250 ]; do echo line $i; i=$((i+1)); done; sleep 0.5; echo last\n")
    const { uuid } = first(
      await ask(bootOf("talks", [["sh", file]], { process_logs_path: join(folder.path, "talks.log") })),
    )
    const all = await client.lines({
      call: "logs",
      type: "LogRequest",
      data: { query: { uuids: [uuid] }, how_far: 1000, follow: true },
    })
    expect(all.map((one) => one.data.line).at(-1)).toBe("last\n")
    expect(all).toHaveLength(251)
    const few = await client.lines({ call: "logs", type: "LogRequest", data: { query: { uuids: [uuid] } } })
    expect(few).toHaveLength(100)
    expect(few[0]?.data.line).toBe("line 151\n")
  })

  it("tells codes and signals of ends", async () => {
    const file = join(folder.path, "dies.sh")
    writeFileSync(file, "kill -35 $$\n")
    await ask(bootOf("code", [["sh", "-c", "exit 7"]]))
    await ask(bootOf("signal", [["sh", file]]))
    const codes = await until(async () => {
      const found = instances(await ask(query("ps", { names: ["^(code|signal)$"] })))
      return found.every((one) => one.status_code === "DEAD") ? found.map((one) => one.return_code) : null
    }, "two ends")
    expect(codes).toEqual([7, -35])
  })

  const any = (name: string, bytes: string) => ({
    call: "boot",
    type: name,
    raw: Buffer.from(bytes).toString("base64"),
  })
  const refused: ReadonlyArray<readonly [string, () => Parameters<typeof client.ask>[0], number, RegExp]> = [
    ["no host", () => bootOf("x", [["true"]], {}, []), 6, /^No allowed host provided! bailing$/],
    ["no program", () => bootOf("x", []), 8, /nothing is to be run/],
    ["a NUL in an argument", () => bootOf("x", [["echo", "a\0b"]]), 8, /NUL/],
    ["a name with = in env", () => bootOf("x", [["true"]], { env: { "A=B": "secret" } }), 8, /no = and no NUL/],
    ["a program that is not there", () => bootOf("x", [["/nowhere/program"]]), 6, /cannot run \/nowhere\/program/],
    [
      "a directory that is not there",
      () => bootOf("x", [["true"]], { process_execution_directory: "/nowhere" }),
      6,
      /working directory not found/,
    ],
    ["1 MB of env", () => bootOf("x", [["true"]], { env: { HUGE: "x".repeat(1_000_000) } }), 6, /E2BIG/],
    [
      "data of another type",
      () => query("boot", { names: ["x"] }),
      8,
      /it has to hold a dunedaq.druncschema.BootRequest/,
    ],
    ["no data", () => ({ call: "boot" }), 8, /data is missing/],
    ["malformed data", () => any("BootRequest", "\xff\xff\xff"), 8, /data is no BootRequest/],
    ["a bad expression", () => query("kill", { names: ["("] }), 8, /no regular expression/],
    ["an expression that looks back", () => query("kill", { names: ["(a)\\1"] }), 8, /reference back/],
    [
      "host types over ssh",
      () => ({
        ...bootOf("x", [["true"]]),
        data: {
          ...bootOf("x", [["true"]]).data,
          process_restriction: { allowed_hosts: ["far"], allowed_host_types: ["a"] },
        },
      }),
      6,
      /allowed_host_types/,
    ],
  ]
  it.each(refused)(
    "answers OK with flag and stack trace, writes it down and starts nothing: %s",
    async (_, asked, flag, says) => {
      const before = await counts()
      const answer = await ask(asked())
      expect(answer).toMatchObject({ name: "process_manager", flag, type: "Stacktrace", token: "tester" })
      expect(reason(answer)).toMatch(says)
      expect(reason(answer)).not.toContain("secret")
      const after = await counts()
      expect(after.booted).toBe(before.booted)
      expect(after.refused).toBe(before.refused + 1)
    },
  )
  const counts = async () => {
    const asked = "/v1/events?types=CommandRefused,ProcessBootFailed,ProcessBooted&limit=10000"
    const all = await (await fetch(new URL(asked, running.http))).text()
    const count = (type: string) => all.split("\n").filter((line) => line.includes(`"type":"${type}"`)).length
    return { refused: count("CommandRefused") + count("ProcessBootFailed"), booted: count("ProcessBooted") }
  }

  it("takes an expression that would backtrack for ever like any other", async () => {
    await ask(bootOf("a".repeat(150), [["sleep", "300"]]))
    const began = performance.now()
    expect(instances(await ask(query("ps", { names: ["(a+)+b$"] })))).toEqual([])
    expect(performance.now() - began).toBeLessThan(1_000)
  })

  it("answers the older generations with their types and flags", async () => {
    const older = await agent(join(folder.path, "older"), ["--drunc-generation", "0.8"])
    const other = await python(older.grpc)
    const booted = await other.ask(bootOf("one", [["sleep", "300"]]))
    expect(booted).toMatchObject({ flag: 0, type: "ProcessInstance" })
    expect((await other.ask(query("restart", { names: ["one"] }))).type).toBe("ProcessInstance")
    expect((await other.ask(query("restart", { names: ["two"] }))).flag).toBe(5)
    expect((await other.ask({ call: "boot" })).flag).toBe(7)
    await other.ask({ call: "terminate" })
    other.end()
    await older.stop()
  })
})

wants("protobuf-compiler").it("the committed descriptors are what the protocol files give", async () => {
  const { execFileSync } = await import("node:child_process")
  const { readFileSync } = await import("node:fs")
  const protos = join(import.meta.dirname, "../../src/grpc/proto")
  const folder = await scratch()
  const out = join(folder.path, "descriptors.binpb")
  const sources = [
    "druncschema/generic.proto",
    "druncschema/process_manager.proto",
    "druncschema/request_response.proto",
    "druncschema/token.proto",
    "grpc/reflection/v1.proto",
    "grpc/reflection/v1alpha.proto",
  ]
  execFileSync("protoc", ["-I.", "--include_imports", `--descriptor_set_out=${out}`, ...sources], { cwd: protos })
  expect(readFileSync(out).equals(readFileSync(join(protos, "descriptors.binpb")))).toBe(true)
  await folder.remove()
})
