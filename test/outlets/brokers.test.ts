// The agent at a broker that speaks TLS and wants a password, with packed payloads; and as the broker itself.

import { execFileSync } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { expect, onTestFinished } from "vitest"
import { quietPorts, type Running, scratch, serve, until } from "../program.ts"
import { wants } from "../support/wants.ts"
import { clients, freePort, type Message, mosquitto } from "./mosquitto.ts"

type Json = Readonly<Record<string, unknown>>

const settings = ["--domain-id", "dom", "--channel-id", "chan", "--node-id", "p-1", "--telemetry-interval", "0.2"]
const credentials = ["annalist", "opens sesame"] as const

const started = async (folder: string, ...more: ReadonlyArray<string>): Promise<Running> => {
  await writeFile(join(folder, "password"), `${credentials[1]}\n`)
  await writeFile(join(folder, "hello.sh"), "sleep 1; echo hello\n")
  const named = ["--mqtt-username", credentials[0], "--mqtt-password-file", "password"]
  const all = ["agent", ...quietPorts, ...settings, "--data", "data", ...named, ...more]
  const agent = await serve(all, { cwd: folder })
  onTestFinished(() => void agent.stop())
  return agent
}

const readiness = async ({ ready }: Running): Promise<string> =>
  (await fetch(new URL("/v1/health/ready", ready.http))).text()

const run = ({ ready }: Running, id: string) =>
  fetch(new URL("/tasks", ready.http), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      id,
      file: "hello.sh",
      monitoring_profile: { enabled: true, interval: 0.1, export_to_mqtt: true },
    }),
  })

/** Runs a task to its end, and gives what the broker's other clients saw of it. */
const toldOf = async (agent: Running, heard: ReadonlyArray<Message>, read: (payload: Buffer) => string) => {
  await run(agent, "t-1")
  const on = (topic: string): ReadonlyArray<Json> =>
    heard.filter((one) => one.topic === `m/dom/c/chan/${topic}`).map(({ payload }) => JSON.parse(read(payload)) as Json)
  const result = await until(
    () => Promise.resolve(on("control/proplet/results").find(({ task_id }) => task_id === "t-1") ?? null),
    "the result",
    30_000,
  )
  return {
    result,
    results: on("control/proplet/results"),
    looks: on("metrics/proplet"),
    alive: heard.filter(({ topic }) => topic.endsWith("proplet/alive")),
  }
}

const certificates = (folder: string) => {
  const openssl = (...args: ReadonlyArray<string>) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" })
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
  const alternative = ["-addext", "subjectAltName=IP:127.0.0.1"]
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority", "-days", "2")
  openssl("req", ...key, ...alternative, "-keyout", "own.key", "-out", "own.csr", "-subj", "/CN=broker")
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-copy_extensions", "copy"]
  openssl("x509", "-req", "-in", "own.csr", ...signed, "-out", "own.pem", "-days", "2")
  return { ca: join(folder, "ca.pem"), cert: join(folder, "own.pem"), key: join(folder, "own.key") }
}

wants("mosquitto", "mosquitto-clients").it(
  "speaks TLS to a broker whose authority it knows, and packs what follows from the log",
  async () => {
    const folder = await scratch()
    const broker = await mosquitto(folder.path, { credentials, tls: certificates(folder.path) })
    const heard = await broker.subscribe("watcher", "m/+/c/+/#")

    const stranger = await started(folder.path, "--mqtt-url", broker.url)
    await run(stranger, "t-0")
    await until(
      async () => (/outlet mqtt does not deliver: [^"]*certificate/.test(await readiness(stranger)) ? true : null),
      "the refusal of an authority that it does not know",
      30_000,
    )
    await stranger.stop()
    expect(heard.filter(({ topic }) => topic.startsWith("m/dom"))).toEqual([])

    const agent = await started(
      folder.path,
      "--mqtt-url",
      broker.url,
      "--mqtt-ca-file",
      "ca.pem",
      "--mqtt-compression",
      "gzip",
    )
    const { result, results, looks, alive } = await toldOf(agent, heard, (payload) => gunzipSync(payload).toString())
    expect(result).toEqual({ task_id: "t-1", results: "hello", error: "", proplet_id: "p-1" })
    // What was owed from before has come as well.
    expect(results.map(({ task_id }) => task_id)).toContain("t-0")
    expect(looks.length).toBeGreaterThan(0)
    expect(JSON.parse(alive[0]?.text ?? "")).toMatchObject({ status: "alive", proplet_id: "p-1" })
    expect(await readiness(agent)).toContain("pass")
    await agent.stop()
    await broker.close()
    await folder.remove()
  },
  120_000,
)

wants("mosquitto-clients").it(
  "is a broker itself where it is told to, for whoever knows the password",
  async () => {
    const folder = await scratch()
    const port = await freePort()
    const agent = await started(folder.path, "--mqtt-port", String(port), "--mqtt-commands", "on")
    const theirs = clients(port, { credentials })
    const heard = await theirs.subscribe("watcher", "m/+/c/+/#")
    const { result, looks } = await toldOf(agent, heard, String)
    expect(result).toEqual({ task_id: "t-1", results: "hello", error: "", proplet_id: "p-1" })
    expect(looks[0]).toMatchObject({
      task_id: "t-1",
      proplet_id: "p-1",
      metrics: { thread_count: expect.any(Number) as unknown },
    })
    theirs.publish("m/dom/c/chan/control/manager/start", JSON.stringify({ id: "t-2", file: "hello.sh" }))
    await until(
      () => Promise.resolve(heard.some(({ topic, text }) => topic.endsWith("results") && text.includes("t-2")) || null),
      "the result of what was commanded",
      30_000,
    )
    expect(await readiness(agent)).toContain("pass")
    expect(() => clients(port, { credentials: ["annalist", "wrong"] }).publish("a", "b")).toThrow(/not authori[sz]ed/i)
    expect(() => clients(port).publish("a", "b")).toThrow(/not authori[sz]ed/i)
    await theirs.close()
    const { code } = await agent.stop()
    expect(code).toBe(0)
    await folder.remove()
  },
  120_000,
)
