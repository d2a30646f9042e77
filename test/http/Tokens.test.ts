import { execFileSync } from "node:child_process"
import { chmod, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Either } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bindRefusal } from "../../src/http/door/bindRefusal.ts"
import * as Tokens from "../../src/http/door/Tokens.ts"

const operator = "b3BlcmF0b3ItdG9rZW4tZm9yLXRlc3RzLW9ubHktMDAwMDAx"
const admin = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

describe("a token file", () => {
  it("gives each token its role", () => {
    const tokens = Either.getOrThrow(Tokens.parse(`# staff\n\noperator ${operator}\n admin\t${admin} \n`))
    expect(Tokens.roleOf(tokens, operator)).toBe("operator")
    expect(Tokens.roleOf(tokens, admin)).toBe("admin")
    expect(Tokens.roleOf(tokens, `${admin}0`)).toBeNull()
    expect(Tokens.roleOf(tokens, "")).toBeNull()
    expect(Tokens.roleOf(Tokens.none, operator)).toBeNull()
  })

  it.each([
    ["an unknown role", `root ${operator}`, /line 1: it must begin with viewer, operator or admin/],
    ["no token", "admin", /line 1: it must be a role and one token/],
    ["more than a token", `admin ${admin} x`, /nothing else/],
    ["a short token", "viewer c2hvcnQ", /shorter than 256 bits/],
    ["a short hexadecimal one", `viewer ${admin.slice(0, 50)}`, /64 of hexadecimal/],
    ["one letter over and over", `viewer ${"a".repeat(64)}`, /too few different characters/],
    ["odd characters", `viewer ${operator}"`, /letters, digits/],
    ["one token twice", `viewer ${operator}\nadmin ${operator}`, /line 2: this token stands in the file before/],
    ["nothing", "# nothing\n", /it holds no token/],
  ])("is refused for %s, and the reason shows no token", (_, text, says) => {
    const result = Tokens.parse(text)
    expect(Either.getLeft(result)).toMatchObject({ value: expect.stringMatching(says) as string })
    expect(JSON.stringify(result)).not.toContain(operator)
    expect(JSON.stringify(result)).not.toContain(admin.slice(0, 50))
  })
})

describe("a token file on disk", () => {
  let folder = ""
  const file = (name: string) => join(folder, name)
  const load = (name: string) => Effect.runPromise(Effect.either(Tokens.load(file(name))))
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "annalist-tokens-"))
    await writeFile(file("good"), `operator ${operator}\n`, { mode: 0o600 })
    await writeFile(file("open"), `operator ${operator}\n`)
    await chmod(file("open"), 0o640)
    await symlink(file("open"), file("link"))
    execFileSync("mkfifo", ["-m", "600", file("fifo")])
  })
  afterAll(() => rm(folder, { recursive: true }))

  it("is read when only its owner may read it", async () => {
    expect(Either.isRight(await load("good"))).toBe(true)
  })

  it.each([
    ["open", /mode is 0640, so others can read it; run: chmod 600/],
    ["link", /mode is 0640/],
    ["fifo", /no regular file/],
    ["absent", /ENOENT/],
    [".", /no regular file/],
  ])("is refused otherwise: %s", async (name, says) => {
    const result = await load(name)
    expect(Either.isLeft(result) && result.left.message).toMatch(says)
  })
})

describe("an address to listen on", () => {
  const nothing = { tokens: false, clientCertificates: false }
  it("may be loopback without any proof of who calls", () => {
    for (const host of ["127.0.0.1", "127.8.0.1", "::1", "localhost"]) expect(bindRefusal(host, nothing)).toBeNull()
  })

  it("may be another only with tokens or client certificates, and the refusal says so", () => {
    for (const host of ["0.0.0.0", "::", "10.0.0.7", "agent.example", "127.0.0.1.evil.example"]) {
      expect(bindRefusal(host, nothing)).toMatch(/ANNALIST_TOKEN_FILE .*ANNALIST_TLS_CLIENT_CA, or bind 127\.0\.0\.1/)
      expect(bindRefusal(host, { ...nothing, tokens: true })).toBeNull()
      expect(bindRefusal(host, { ...nothing, clientCertificates: true })).toBeNull()
    }
  })
})
