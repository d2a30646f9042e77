// A real broker on a port of its own, and a real subscriber whose session outlives the broker's restart.

import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer, type AddressInfo } from "node:net"
import { join } from "node:path"
import { until } from "../program.ts"

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", () => resolve()))

export interface Message {
  readonly topic: string
  readonly payload: Buffer
  readonly text: string
}

/** mosquitto_sub and mosquitto_pub at some broker. */
export const clients = (
  port: number,
  { credentials, ca }: { readonly credentials?: readonly [string, string]; readonly ca?: string } = {},
) => {
  const subscribers: Array<ChildProcess> = []
  const client = [
    "-h",
    "127.0.0.1",
    "-p",
    String(port),
    "-q",
    "2",
    ...(credentials === undefined ? [] : ["-u", credentials[0], "-P", credentials[1]]),
    ...(ca === undefined ? [] : ["--cafile", ca]),
  ]
  const publish = (topic: string, payload: string) => {
    const { status, stderr } = spawnSync("mosquitto_pub", [...client, "-t", topic, "-m", payload], { encoding: "utf8" })
    if (status !== 0) throw new Error(`mosquitto_pub: ${stderr}`)
  }
  return {
    publish,
    /** Everything that comes by, as mosquitto_sub sees it. */
    subscribe: async (name: string, topic: string): Promise<ReadonlyArray<Message>> => {
      const messages: Array<Message> = []
      // Payloads in hexadecimal: they may hold any byte.
      const child = spawn("mosquitto_sub", [...client, "-c", "-i", name, "-t", topic, "-F", "%t %x"], {
        stdio: ["ignore", "pipe", "ignore"],
      })
      subscribers.push(child)
      let rest = ""
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n")
        rest = lines.pop() ?? ""
        for (const line of lines) {
          const at = line.indexOf(" ")
          const payload = Buffer.from(line.slice(at + 1), "hex")
          messages.push({ topic: line.slice(0, at), payload, text: payload.toString() })
        }
      })
      await until(
        () => {
          publish(`m/probe/c/${name}/probe`, "here")
          return Promise.resolve(messages.length > 0 || null)
        },
        "the subscription",
        20_000,
      )
      return messages
    },
    close: async () => {
      for (const child of subscribers) child.kill()
      await Promise.all(subscribers.map(ended))
    },
  }
}

export interface MosquittoOptions {
  /** Name and password that everybody needs. */
  readonly credentials?: readonly [string, string]
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string }
}

export const mosquitto = async (folder: string, options: MosquittoOptions = {}) => {
  const port = await freePort()
  const store = join(folder, `broker-${port}`)
  mkdirSync(store)
  const passwords = join(store, "passwords")
  const { credentials, tls } = options
  if (credentials !== undefined) {
    spawnSync("mosquitto_passwd", ["-b", "-c", passwords, ...credentials])
  }
  const config = join(store, "mosquitto.conf")
  writeFileSync(
    config,
    [
      `listener ${port} 127.0.0.1`,
      // Started by root it would become a user to whom the folder is shut.
      ...(process.getuid?.() === 0 ? ["user root"] : []),
      credentials === undefined ? "allow_anonymous true" : `allow_anonymous false\npassword_file ${passwords}`,
      "persistence true",
      `persistence_location ${store}/`,
      "max_queued_messages 0",
      ...(tls === undefined ? [] : [`cafile ${tls.ca}`, `certfile ${tls.cert}`, `keyfile ${tls.key}`]),
    ].join("\n"),
  )
  let broker: ChildProcess | null = null
  const { close, ...both } = clients(port, {
    ...(credentials === undefined ? {} : { credentials }),
    ...(tls === undefined ? {} : { ca: tls.ca }),
  })
  const start = async () => {
    const child = spawn("/usr/sbin/mosquitto", ["-c", config], { stdio: ["ignore", "ignore", "pipe"] })
    let told = ""
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (told += chunk))
    broker = child
    await until(
      () => {
        if (child.exitCode !== null) throw new Error(`mosquitto ended: ${told}`)
        return Promise.resolve(told.includes("running") ? true : null)
      },
      "the broker",
      20_000,
    )
  }
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    broker?.kill(signal)
    if (broker !== null) await ended(broker)
  }
  await start()
  return {
    port,
    url: `${tls === undefined ? "mqtt" : "mqtts"}://127.0.0.1:${port}`,
    start,
    stop,
    ...both,
    close: async () => {
      await close()
      await stop("SIGKILL")
    },
  }
}
