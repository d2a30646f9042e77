import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import * as http2 from "node:http2"
import * as https from "node:https"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ask2, type Face, open } from "./face.ts"

const folder = mkdtempSync(join(tmpdir(), "annalist-tls-"))
const file = (name: string) => readFileSync(join(folder, name), "utf8")
const openssl = (...args: ReadonlyArray<string>) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" })

const hasOpenssl = (() => {
  try {
    openssl("version")
    return true
  } catch {
    return false
  }
})()

describe.runIf(hasOpenssl)("TLS", () => {
  let face: Face
  beforeAll(async () => {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority", "-days", "2")
    openssl("req", ...key, "-keyout", "rank.key", "-out", "rank.csr", "-subj", "/CN=rank-7")
    openssl(
      "x509",
      "-req",
      "-in",
      "rank.csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-out",
      "rank.pem",
    )
    writeFileSync(join(folder, "ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1")
    openssl("req", ...key, "-keyout", "own.key", "-out", "own.csr", "-subj", "/CN=localhost")
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
    openssl("x509", "-req", "-in", "own.csr", ...signed, "-out", "own.pem", "-extfile", "ext")
    face = await open({ tls: { cert: file("own.pem"), key: file("own.key"), clientCa: file("ca.pem") } })
  })
  afterAll(async () => {
    await face.close()
    rmSync(folder, { recursive: true })
  })

  const get = (path: string, method: string, client: { cert: string; key: string } | null): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { method, ca: file("ca.pem"), agent: false as const, ...client }
      const request = https.request(new URL(path, face.url), options, (response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
        response.on("end", () => resolve(`${response.statusCode} ${text}`))
      })
      request.on("error", reject)
      request.end()
    })

  it("takes whom the authority vouches for, under the name in the certificate, as an operator", async () => {
    const client = { cert: file("rank.pem"), key: file("rank.key") }
    expect(face.url).toMatch(/^https:\/\/127\.0\.0\.1:/)
    expect(await get("/stop", "POST", client)).toBe('400 {"error":"No process running"}')
    const session = http2.connect(face.url, { ca: file("ca.pem"), ...client })
    expect((await ask2(session, { ":path": "/status" })).status).toBe(200)
    session.close()
  })

  it("takes nobody else where there are no tokens", async () => {
    await expect(get("/status", "GET", null)).rejects.toThrow()
  })

  it("lets an address beyond loopback be bound", async () => {
    const tls = { cert: file("own.pem"), key: file("own.key"), clientCa: file("ca.pem") }
    const wide = await open({ host: "0.0.0.0", tls })
    await wide.close()
    await expect(open({ host: "0.0.0.0", tls: { ...tls, clientCa: null } })).rejects.toThrow(
      /nothing would tell callers apart/,
    )
  })
})
