// A /proc tree of real files in a temporary folder, written as the kernel would.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

const trees: Array<string> = []

export const bootId = "6730dae6-0511-444a-b13c-efb6e6b92ebc"

export interface FakeProcess {
  readonly pid: number
  readonly parent: number
  readonly name?: string | Buffer
  readonly state?: string
  readonly userTicks?: number
  readonly systemTicks?: number
  readonly threads?: number
  readonly startTicks?: number
  readonly virtualBytes?: number
  readonly residentPages?: number
  readonly io?: { readonly read: number; readonly written: number }
}

export const proc = (files: Readonly<Record<string, string | Buffer>> = {}) => {
  const root = mkdtempSync(join(tmpdir(), "annalist-proc-"))
  trees.push(root)
  const write = (path: string, text: string | Buffer) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const add = (one: FakeProcess) => {
    const { pid, parent, name = "program", state = "S", userTicks = 0, systemTicks = 0, threads = 1 } = one
    const { startTicks = pid * 10, virtualBytes = 0, residentPages = 0 } = one
    const rest = ` ${state} ${parent} ${pid} ${pid} 0 -1 4194304 1 2 3 4 ${userTicks} ${systemTicks} 7 8 20 0 ${threads} 0 ${startTicks} ${virtualBytes} ${residentPages} 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n`
    write(
      `${pid}/stat`,
      Buffer.concat([Buffer.from(`${pid} (`), Buffer.from(name), Buffer.from(")"), Buffer.from(rest)]),
    )
    const { io } = one
    if (io !== undefined) {
      write(
        `${pid}/io`,
        `rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: ${io.read}\nwrite_bytes: ${io.written}\ncancelled_write_bytes: 9\n`,
      )
    }
    return { bootId, pid, startTicks }
  }
  write("sys/kernel/random/boot_id", `${bootId}\n`)
  for (const [path, text] of Object.entries(files)) write(path, text)
  return { root, add, write, remove: (path: string) => rmSync(join(root, path), { recursive: true }) }
}

export const removeTrees = (): void => {
  for (const root of trees.splice(0)) rmSync(root, { recursive: true, force: true })
}
