// Processes on other hosts, over a real sshd on a loopback port with a throw-away key.

import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { createServer } from "node:net"
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
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

const first = (answer: DruncAnswer): Instance => {
  const [one] = instances(answer)
  if (one === undefined) throw new Error(JSON.stringify(answer))
  return one
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

/** A daemon of its own keys that lets its own key in, and a client configuration that calls it "far". */
const daemon = async (folder: string) => {
  chmodSync(folder, 0o700)
  const port = await freePort()
  for (const name of ["host", "user"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, name)])
  execFileSync("cp", [join(folder, "user.pub"), join(folder, "authorized")])
  writeFileSync(
    join(folder, "sshd"),
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/authorized`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      `PidFile ${folder}/pid`,
      "",
    ].join("\n"),
  )
  writeFileSync(
    join(folder, "config"),
    [
      "Host far",
      "HostName 127.0.0.1",
      `Port ${port}`,
      `IdentityFile ${folder}/user`,
      "IdentitiesOnly yes",
      "StrictHostKeyChecking no",
      `UserKnownHostsFile ${folder}/known`,
      "LogLevel ERROR",
      "Host nowhere",
      "HostName 127.0.0.1",
      "Port 1",
      "",
    ].join("\n"),
  )
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 })
  return spawn("/usr/sbin/sshd", ["-D", "-e", "-f", join(folder, "sshd")], { stdio: "ignore" })
}

wants("openssh-server", "python3-grpcio", "python3-protobuf").describe("a process on another host", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let sshd: ChildProcess
  let running: Agent
  let client: Awaited<ReturnType<typeof python>>
  beforeAll(async () => {
    folder = await scratch()
    sshd = await daemon(folder.path)
    running = await agent(join(folder.path, "data"), ["--ssh-config", join(folder.path, "config")])
    client = await python(running.grpc)
  })
  afterAll(async () => {
    await client.ask({ call: "terminate" })
    client.end()
    await running.stop()
    sshd.kill("SIGTERM")
    await folder.remove()
  })
  const user = { metadata: { user: "", session: "far", name: "x" } }
  const waited = (uuid: string) =>
    until(async () => {
      const one = first(await client.ask(query("ps", { uuids: [{ uuid }] })))
      return one.status_code === "DEAD" ? one : null
    }, "its end")

  it("is booted on the first host that takes it, with its environment and its output", async () => {
    const file = join(folder.path, "shown")
    const asked = bootOf(
      "x",
      [["sh", "-c", `echo "$GREETING" here; echo "$GREETING" > ${file}; exit 5`]],
      { ...user, env: { GREETING: "it's a 'secret'" } },
      ["nowhere", "far"],
    )
    const one = first(await client.ask(asked))
    expect(one.process_description.metadata.hostname).toBe("far")
    expect((await waited(one.uuid.uuid)).return_code).toBe(5)
    expect(existsSync(file)).toBe(true)
    const lines = await client.lines({ call: "logs", type: "LogRequest", data: { query: { uuids: [one.uuid] } } })
    expect(lines.map(({ data }) => data.line)).toEqual(["it's a 'secret' here\n"])
  })

  it("is ended there with its whole tree on kill", async () => {
    const tree = "trap '' TERM QUIT; setsid sleep 301 & (sleep 302 & ) ; sleep 303"
    const one = first(await client.ask(bootOf("tree", [["sh", "-c", tree]], user, ["far"])))
    const { uuid } = one.uuid
    // The remote shell, its three sleepers; and here the ssh client.
    await until(async () => (carrying(`ANNALIST_PROCESS=${uuid}`).length >= 5 ? true : null), "the tree")
    const killed = first(await client.ask(query("kill", { uuids: [one.uuid] })))
    expect([killed.status_code, killed.return_code]).toEqual(["DEAD", -9])
    expect(carrying(`ANNALIST_PROCESS=${uuid}`)).toEqual([])
  })

  it("that no host takes says why for each", async () => {
    const answer = await client.ask(bootOf("x", [["/nowhere/program"]], user, ["nowhere", "far", "-oProxyCommand=x"]))
    expect(answer.flag).toBe(6)
    expect(answer.data.text[0]).toMatch(
      /nowhere: ssh: .*refused.*; far: cannot run \/nowhere\/program: not found; -oProxyCommand=x: .* is no host name/,
    )
  })

  it("is adopted by the next agent, and ended by it", async () => {
    const one = first(await client.ask(bootOf("stays", [["sleep", "300"]], user, ["far"])))
    await running.stop("SIGKILL")
    client.end()
    running = await agent(join(folder.path, "data"), ["--ssh-config", join(folder.path, "config")])
    client = await python(running.grpc)
    const found = first(await client.ask(query("ps", { uuids: [one.uuid] })))
    expect([found.status_code, found.process_description.metadata.hostname]).toEqual(["RUNNING", "far"])
    await client.ask(query("kill", { uuids: [one.uuid] }))
    expect(carrying(`ANNALIST_PROCESS=${one.uuid.uuid}`)).toEqual([])
  })
})
