import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import * as net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as SocketOwners from "../../src/http/door/SocketOwners.ts"
import { ownerOf } from "../../src/http/door/socketTable.ts"
import * as Peer from "../../src/http/Peer.ts"

const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
const line = (local: string, remote: string, uid: number, inode: number, state = "01") =>
  `   1: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 ${inode} 1 0 20 4 30 10 -1\n`

const own = { address: "127.0.0.1", port: 8080 }
const peer = { address: "127.0.0.1", port: 40000 }
const own4 = "0100007F:1F90"
const peer4 = "0100007F:9C40"
const mapped = "0000000000000000FFFF0000"

describe("whose socket is the other end", () => {
  it("is told by the line of the peer's own socket, not by the agent's", () => {
    const tcp = header + line(own4, peer4, 0, 11) + line(peer4, own4, 1000, 22)
    expect(ownerOf({ tcp, tcp6: "" }, peer, own)).toEqual({ uid: 1000, inode: 22 })
  })

  it("is found among sockets of both families, where an IPv4 address is mapped", () => {
    const tcp6 = header + line(`${mapped}${peer4}`, `${mapped}${own4}`, 33, 44)
    expect(ownerOf({ tcp: header, tcp6 }, peer, own)).toEqual({ uid: 33, inode: 44 })
  })

  it("is found for IPv6", () => {
    const one = "00000000000000000000000001000000"
    const tcp6 = header + line(`${one}:9C40`, `${one}:1F90`, 1000, 5)
    const six = { address: "::1", port: 40000 }
    expect(ownerOf({ tcp: "", tcp6 }, six, { address: "::1", port: 8080 })).toEqual({ uid: 1000, inode: 5 })
  })

  it("is nobody's once the process let go of it, though the kernel then prints root", () => {
    const tcp = header + line(peer4, own4, 0, 0, "04")
    expect(ownerOf({ tcp, tcp6: "" }, peer, own)).toBeNull()
  })

  it("is not told by another port, another table or broken text", () => {
    const tcp = header + line("0100007F:9C41", own4, 0, 9)
    expect(ownerOf({ tcp, tcp6: "" }, peer, own)).toBeNull()
    expect(ownerOf({ tcp: ` ${peer4} ${own4} `, tcp6: "" }, peer, own)).toBeNull()
    expect(ownerOf({ tcp: "", tcp6: "" }, { address: "no address", port: 1 }, own)).toBeNull()
  })
})

describe("the process behind a socket", () => {
  let root = ""
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "annalist-proc-"))
    await mkdir(join(root, "net"))
    await writeFile(join(root, "net", "tcp"), header + line(peer4, own4, process.getuid?.() ?? 0, 777))
    await writeFile(join(root, "net", "tcp6"), header)
    for (const [pid, link] of [
      ["301", "socket:[777]"],
      ["45", "socket:[777]"],
      ["300", "/dev/null"],
    ] as const) {
      await mkdir(join(root, pid, "fd"), { recursive: true })
      await symlink(link, join(root, pid, "fd", "3"))
    }
  })
  afterAll(() => rm(root, { recursive: true }))

  it("is the lowest pid that holds it: children inherit what their parent has open", async () => {
    const owners = SocketOwners.make(root)
    const found = await Effect.runPromise(
      owners
        .ownerOf(Peer.make(peer, own, null))
        .pipe(Effect.flatMap((owner) => (owner === null ? Effect.succeed(null) : owners.pidOf(owner)))),
    )
    expect(found).toBe(45)
  })

  it("is null where nobody can tell", async () => {
    const owners = SocketOwners.make(join(root, "nowhere"))
    expect(await Effect.runPromise(owners.ownerOf(Peer.make(peer, own, null)))).toBeNull()
    expect(await Effect.runPromise(owners.pidOf({ uid: 0, inode: 777 }))).toBeNull()
  })

  it("is looked for once for all who ask at the same time", async () => {
    const owners = SocketOwners.make(root)
    const asked = Array.from({ length: 500 }, () => owners.pidOf({ uid: process.getuid?.() ?? 0, inode: 777 }))
    const pids = await Effect.runPromise(Effect.all(asked, { concurrency: "unbounded" }))
    expect(new Set(pids)).toEqual(new Set([45]))
  })
})

describe.runIf(process.platform === "linux")("the real /proc", () => {
  it("knows this very process by its socket", async () => {
    const server = net.createServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as net.AddressInfo
    const accepted = new Promise<net.Socket>((resolve) => server.once("connection", resolve))
    const client = net.connect(port, "127.0.0.1")
    const socket = await accepted
    const owners = SocketOwners.make("/proc")
    const found = await Effect.runPromise(
      Effect.gen(function* () {
        const owner = yield* owners.ownerOf(
          Peer.make(
            { address: "::ffff:127.0.0.1", port: socket.remotePort ?? 0 },
            { address: "127.0.0.1", port },
            null,
          ),
        )
        return { owner, pid: owner === null ? null : yield* owners.pidOf(owner) }
      }),
    )
    client.destroy()
    server.close()
    expect(found.owner?.uid).toBe(process.getuid?.())
    expect(found.pid).toBe(process.pid)
  })
})
