// The agent at a real broker: what mosquitto_sub sees, held against the seed field by field and against the log message by message.

import { createServer, type AddressInfo, type Socket } from "node:net"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { Either } from "effect"
import { evolve, type Publication, publicationsOf } from "../../src/domain/tasks/publications.ts"
import * as Proplets from "../../src/domain/tasks/Proplets.ts"
import * as TaskMetrics from "../../src/domain/tasks/TaskMetrics.ts"
import * as SessionLine from "../../src/wire/sessionLine.ts"
import { quietPorts, type Running, scratch, serve, until } from "../program.ts"
import { wants } from "../support/wants.ts"
import { adder } from "./adder.ts"
import { type Message, mosquitto } from "./mosquitto.ts"

type Json = Readonly<Record<string, unknown>>

const asked = async (agent: Running, path: string, body?: unknown): Promise<Json> => {
  const init =
    body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }
  return (await (await fetch(new URL(path, agent.ready.http), init)).json()) as Json
}

const events = async (
  agent: Running,
  types: string,
): Promise<ReadonlyArray<{ readonly position: number; readonly data: Json }>> => {
  const text = await (await fetch(new URL(`/v1/events?limit=10000&types=${types}`, agent.ready.http))).text()
  return text
    .split("\n")
    .filter((line) => line.includes('"type"'))
    .map((line) => JSON.parse(line) as { position: number; data: Json })
}

/** What follows from the whole log for the topics of the channel. */
const published = async (agent: Running) => {
  const text = await (await fetch(new URL("/v1/export", agent.ready.http))).text()
  let state = { tasks: TaskMetrics.initial(), proplets: Proplets.initial() }
  let isOpen = false
  const all: Array<Publication> = []
  for (const line of text.split("\n")) {
    if (!line.startsWith('{"position"')) continue
    const envelope = Either.getOrThrow(SessionLine.fromJson(JSON.parse(line)))
    state = evolve(state, envelope)
    isOpen ||= envelope.event._tag === "OutletOpened"
    if (isOpen) all.push(...publicationsOf(state, envelope, { proplet: "p-1", namespace: "dom" }))
  }
  return all
}

const typesOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, typesOf(one)]))
    : typeof value

const readiness = async (agent: Running): Promise<string> => JSON.stringify(await asked(agent, "/v1/health/ready"))

const payloads = (messages: ReadonlyArray<Message>, topic: string): ReadonlyArray<Json> =>
  messages.filter((one) => one.topic.endsWith(topic)).map(({ text }) => JSON.parse(text) as Json)

const settings = ["--domain-id", "dom", "--channel-id", "chan", "--node-id", "p-1", "--telemetry-interval", "0.1"]

wants("mosquitto", "mosquitto-clients").describe("an agent at a broker", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let broker: Awaited<ReturnType<typeof mosquitto>>
  let heard: ReadonlyArray<Message>
  let agent: Running

  beforeAll(async () => {
    folder = await scratch()
    broker = await mosquitto(folder.path)
    heard = await broker.subscribe("watcher", "m/+/c/+/#")
    await writeFile(join(folder.path, "loop.sh"), "while :; do sleep 0.1; done\n")
    agent = await serve(
      ["agent", ...quietPorts, ...settings, "--data", "data", "--mqtt-url", broker.url, "--mqtt-commands", "on"],
      {
        cwd: folder.path,
      },
    )
  }, 60_000)
  afterAll(async () => {
    await agent.stop()
    await broker.close()
    await folder.remove()
  }, 60_000)

  const seen = (topic: string) => payloads(heard, topic)

  it("says that it is there, and what a task uses, in the seed's words", async () => {
    // The seed's manual test, with a file in place of its dots.
    await asked(agent, "/tasks", {
      id: "test-123",
      name: "compute",
      file: "loop.sh",
      monitoring_profile: { enabled: true, interval: 5_000_000_000, export_to_mqtt: true },
    })
    const [first] = await until(
      () => Promise.resolve(seen("/metrics/proplet").length > 0 ? seen("/metrics/proplet") : null),
      "the metrics",
      30_000,
    )
    expect(typesOf(first)).toEqual({
      task_id: "string",
      proplet_id: "string",
      metrics: {
        cpu_percent: "number",
        memory_bytes: "number",
        memory_percent: "number",
        disk_read_bytes: "number",
        disk_write_bytes: "number",
        network_rx_bytes: "number",
        network_tx_bytes: "number",
        uptime_seconds: "number",
        thread_count: "number",
        file_descriptor_count: "number",
        timestamp: "string",
      },
      aggregated: {
        avg_cpu_usage: "number",
        max_cpu_usage: "number",
        avg_memory_usage: "number",
        max_memory_usage: "number",
        total_disk_read: "number",
        total_disk_write: "number",
        total_network_rx: "number",
        total_network_tx: "number",
        sample_count: "number",
      },
    })
    expect(first).toMatchObject({ task_id: "test-123", proplet_id: "p-1" })
    const { timestamp } = (first as { metrics: { timestamp: string } }).metrics
    expect(Date.parse(timestamp)).toBeGreaterThan(Date.now() - 60_000)
    await until(() => Promise.resolve(seen("/task_metrics").length > 0 || null), "the other topic")
    expect(seen("control/proplet/task_metrics")[0]).toEqual(first)
    expect(heard.map(({ topic }) => topic)).toContain("m/dom/c/chan/control/proplet/create")
    expect(seen("control/proplet/alive")[0]).toEqual({ status: "alive", namespace: "dom", proplet_id: "p-1" })
    await until(() => Promise.resolve(seen("control/proplet/metrics").length > 0 || null), "the proplet's own metrics")
    expect(seen("control/proplet/metrics")[0]).toMatchObject({
      proplet_id: "p-1",
      namespace: "dom",
      metrics: {
        version: "v1",
        cpu: { user_seconds: expect.any(Number) as unknown },
        memory: { rss_bytes: expect.any(Number) as unknown },
      },
    })
  }, 60_000)

  it("takes commands, and reports what came of them", async () => {
    const command = (body: object) => broker.publish("m/dom/c/chan/control/manager/start", JSON.stringify(body))
    command({ id: "sum", name: "add", file: adder, inputs: [20, 22], proplet_id: "p-1" })
    command({ id: "theirs", name: "add", file: adder, inputs: [1, 1], proplet_id: "p-2" })
    broker.publish("m/dom/c/chan/control/manager/start", "{nonsense")
    broker.publish("m/dom/c/chan/control/manager/stop", JSON.stringify({ id: "nobody" }))
    await until(
      () => Promise.resolve(seen("control/proplet/results").some(({ task_id }) => task_id === "sum") || null),
      "the sum",
      30_000,
    )
    expect(seen("control/proplet/results")).toEqual([{ task_id: "sum", results: [42], error: "", proplet_id: "p-1" }])
    const refused = await until(async () => {
      const all = await events(agent, "CommandRefused")
      return all.length === 2 ? all : null
    }, "the refusals")
    expect(refused.map(({ data }) => data["command"])).toEqual(["control/manager/start", "control/manager/stop"])
    expect((await asked(agent, "/tasks"))["total"]).toBe(2)
  }, 60_000)

  it("keeps what other proplets tell, and serves it with the rest", async () => {
    const say = (topic: string, body: object) => broker.publish(`m/dom/c/chan/${topic}`, JSON.stringify(body))
    say("control/proplet/alive", { status: "alive", namespace: "dom", proplet_id: "p-2" })
    const metrics = { task_id: "t-9", proplet_id: "p-2", metrics: { cpu_percent: 42.5, memory_bytes: 1 } }
    for (let turn = 0; turn < 3; turn++) say("metrics/proplet", { ...metrics, turn })
    say("control/proplet/task_metrics", { ...metrics, turn: 2 })
    say("control/proplet/metrics", { proplet_id: "p-2", metrics: { version: "v1" } })
    broker.publish("m/dom/c/chan/control/proplet/metrics", "no JSON")
    await until(async () => ((await asked(agent, "/proplets/p-2/metrics"))["total"] === 1 ? true : null), "the metrics")
    expect(await asked(agent, "/tasks/t-9/metrics")).toMatchObject({
      total: 3,
      metrics: [{ turn: 0 }, { turn: 1 }, metrics],
    })
    expect(await asked(agent, "/proplets/p-2")).toMatchObject({ alive: true, task_count: 1 })
    expect(await asked(agent, "/proplets")).toMatchObject({ total: 2 })
    say("control/proplet/alive", { status: "offline", proplet_id: "p-2" })
    await until(async () => ((await asked(agent, "/proplets/p-2"))["alive"] === false ? true : null), "the end")
  }, 60_000)

  it("loses nothing and doubles nothing when the broker is restarted in the middle", async () => {
    const profile = { enabled: true, interval: 0.1, export_to_mqtt: true, history_size: 2 }
    for (const id of ["a", "b", "c"]) await asked(agent, "/tasks", { id, file: "loop.sh", monitoring_profile: profile })
    const looks = (id: string) => seen("/metrics/proplet").filter(({ task_id }) => task_id === id)
    await until(() => Promise.resolve(looks("c").length > 10 || null), "metrics before", 30_000)
    await broker.stop("SIGTERM")
    await until(
      async () => ((await readiness(agent)).includes("outlet mqtt does not deliver") ? true : null),
      "the degradation",
      30_000,
    )
    await broker.start()
    const after = looks("c").length + 10
    await until(() => Promise.resolve(looks("c").length > after || null), "metrics after", 30_000)
    for (const id of ["a", "b", "c"]) await asked(agent, `/tasks/${id}/stop`, {})
    await until(
      () =>
        Promise.resolve(["a", "b", "c"].every((id) => seen("results").some(({ task_id }) => task_id === id)) || null),
      "the results",
      30_000,
    )
    await until(async () => ((await readiness(agent)).includes("pass") ? true : null), "recovery", 30_000)

    // What the log says is to be published, held against what came: each once on its topic, and nothing else.
    const owed = await published(agent)
    const topics = [...new Set(owed.map(({ topic }) => topic))]
    expect(topics.length).toBe(4)
    for (const topic of topics) {
      const wanted = owed.filter((one) => one.topic === topic).map(({ payload }) => JSON.stringify(payload))
      const known = new Set(wanted)
      const came = () => heard.filter((one) => one.topic === `m/dom/c/chan/${topic}` && known.has(one.text))
      await until(() => Promise.resolve(came().length >= wanted.length || null), `all of ${topic}`, 30_000)
      expect(
        came()
          .map(({ text }) => text)
          .sort(),
      ).toEqual(wanted.sort())
    }
  }, 120_000)
})

wants("mosquitto", "mosquitto-clients").it(
  "wrong credentials, and a broker that takes everything and acknowledges nothing, are told and lose nothing",
  async () => {
    const folder = await scratch()
    const broker = await mosquitto(folder.path, { credentials: ["annalist", "right"] })
    await writeFile(join(folder.path, "password"), "wrong\n")
    const common = [
      "agent",
      ...quietPorts,
      ...settings,
      "--data",
      "data",
      "--mqtt-username",
      "annalist",
      "--mqtt-password-file",
      "password",
    ]
    await writeFile(join(folder.path, "true.sh"), "true\n")
    /** With something to tell at once: presence alone is owed to nobody. */
    const start = async (url: string, id: string) => {
      const started = await serve([...common, "--mqtt-url", url], { cwd: folder.path })
      await asked(started, "/tasks", { id, file: "true.sh" })
      return started
    }
    const degraded = (agent: Running, word: string) =>
      until(async () => ((await readiness(agent)).includes(word) ? true : null), word, 30_000)

    let agent = await start(broker.url, "first")
    await degraded(agent, "outlet mqtt does not deliver: Connection refused: Not authorized")
    expect(agent.stderr()).not.toContain("wrong")
    await agent.stop()

    await writeFile(join(folder.path, "password"), "right\n")
    const heard = await broker.subscribe("watcher", "m/+/c/+/#")
    agent = await start(broker.url, "second")
    await degraded(agent, "pass")
    const told = () => payloads(heard, "control/proplet/results").map(({ task_id }) => task_id)
    await until(() => Promise.resolve(told().length >= 2 || null), "what was owed", 30_000)
    expect(told()).toEqual(["first", "second"])
    await agent.stop()
    await until(
      () => Promise.resolve(payloads(heard, "alive").some(({ status }) => status === "offline") || null),
      "the farewell",
    )
    await broker.close()

    // CONNACK to everything, and never another word.
    const sockets = new Set<Socket>()
    const mute = createServer((socket) => {
      sockets.add(socket)
      socket
        .on("error", () => undefined)
        .once("data", () => socket.on("data", () => undefined).write(Buffer.from([0x20, 2, 0, 0])))
    }).listen(0, "127.0.0.1")
    await new Promise((resolve) => mute.once("listening", resolve))
    agent = await start(`mqtt://127.0.0.1:${(mute.address() as AddressInfo).port}`, "third")
    await degraded(agent, "outlet mqtt does not deliver: the broker is connected and does not acknowledge")
    await agent.stop()
    for (const socket of sockets) socket.destroy()
    mute.close()
    await folder.remove()
  },
  120_000,
)
