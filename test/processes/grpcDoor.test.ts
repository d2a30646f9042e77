// The door of the gRPC port, tried with Python's client: tokens in the header and in the request, TLS, certificates of callers.

import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { scratch } from "../program.ts"
import { wants } from "../support/wants.ts"
import { type Agent, agent, bootOf, instances, python, query } from "./drive.ts"

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const roles = ["viewer", "operator", "admin"] as const
const tokenOf = (role: (typeof roles)[number]) => `${role}-0123456789abcdefABCDEF-for-tests-only-`.padEnd(56, "xyz")
const bearer = (token: string) => ({ metadata: { authorization: `Bearer ${token}` } })
const notAuthorised = 4

wants("openssl", "curl", "python3-grpcio", "python3-protobuf").describe("the gRPC port under TLS, with tokens", () => {
  let folder: Awaited<ReturnType<typeof scratch>>
  let running: Agent
  let client: Awaited<ReturnType<typeof python>>
  const file = (name: string) => join(folder.path, name)
  const openssl = (...args: ReadonlyArray<string>) => execFileSync("openssl", args, { cwd: folder.path, stdio: "pipe" })

  /** By the test's own authority. */
  const certificate = (name: string, subject: string) => {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${subject}`)
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"]
    openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-out", `${name}.pem`, "-extfile", "ext")
  }
  const flags = () => ["--tls-cert", file("own.pem"), "--tls-key", file("own.key"), "--token-file", file("tokens")]

  beforeAll(async () => {
    folder = await scratch()
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority", "-days", "2")
    writeFileSync(file("ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1")
    certificate("own", "localhost")
    certificate("crew", "crew-7")
    writeFileSync(file("tokens"), roles.map((role) => `${role} ${tokenOf(role)}\n`).join(""), { mode: 0o600 })
    running = await agent(file("data"), flags())
    client = await python(running.grpc, file("ca.pem"))
  })
  afterAll(async () => {
    client.end()
    await running.stop()
    await folder.remove()
  })

  it("lets each role do what is its own, by the header and by the request's token", async () => {
    const { data, ...rest } = bootOf("guarded", [["sleep", "300"]])
    for (const role of ["viewer", "operator"] as const) {
      for (const as of [bearer(tokenOf(role)), { token: tokenOf(role) }]) {
        const refused = await client.ask({ ...rest, ...(data === undefined ? {} : { data }), ...as })
        expect(refused).toMatchObject({ flag: notAuthorised, type: "Stacktrace" })
        expect(refused.data.text.join("\n")).toMatch(/needs the role admin/)
      }
    }
    const booted = await client.ask({ ...bootOf("guarded", [["sleep", "300"]]), token: tokenOf("admin") })
    expect(booted.flag).toBe(0)
    const listed = await client.ask({ ...query("ps", { names: ["guarded"] }), token: tokenOf("viewer") })
    expect(instances(listed)).toHaveLength(1)
    const kill = query("kill", { names: ["guarded"] })
    expect(await client.ask({ ...kill, ...bearer(tokenOf("viewer")) })).toMatchObject({ flag: notAuthorised })
    expect(instances(await client.ask({ ...kill, ...bearer(tokenOf("operator")) }))).toHaveLength(1)
  })

  it("refuses a token that is nobody's, tells nobody of it, and writes it down", async () => {
    const wrong = tokenOf("admin").replace("admin", "wrong")
    const refused = await client.ask({ ...query("ps", { names: [".*"] }), ...bearer(wrong) })
    expect(refused).toMatchObject({ flag: notAuthorised, type: "Stacktrace" })
    expect(JSON.stringify(refused)).not.toContain(wrong)
    const authorization = `authorization: Bearer ${tokenOf("admin")}`
    const url = `${running.http}/v1/events?types=AccessRefused&limit=1000`
    const log = execFileSync("curl", ["-sS", "--cacert", file("ca.pem"), "-H", authorization, url], {
      encoding: "utf8",
    })
    expect(log).toContain("ProcessManager/ps")
    expect(log).toContain("ProcessManager/boot")
    for (const token of [wrong, ...roles.map(tokenOf)]) expect(log).not.toContain(token)
  })

  it("answers nobody in clear text, and nobody who does not know its authority", async () => {
    await expect(python(running.grpc)).rejects.toThrow(/UNAVAILABLE/)
    await expect(python(running.grpc, file("crew.pem"))).rejects.toThrow(/UNAVAILABLE/)
  })

  it("takes the word of its authority for a caller, and turns away who brings no certificate", async () => {
    const strict = await agent(file("strict"), [...flags(), "--tls-client-ca", file("ca.pem")])
    const known = await python(strict.grpc, file("ca.pem"), file("crew.key"), file("crew.pem"))
    expect(await known.ask(query("ps", { names: [".*"] }))).toMatchObject({ flag: 0, type: "ProcessInstanceList" })
    const refused = await known.ask(bootOf("x", [["true"]]))
    expect(refused.data.text.join("\n")).toMatch(/needs the role admin, and .*crew-7.* comes in as operator/)
    await expect(python(strict.grpc, file("ca.pem"))).rejects.toThrow(/UNAVAILABLE/)
    known.end()
    await strict.stop()
  })
})
