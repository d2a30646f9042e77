// Control groups over made-up hierarchies: real files in a temporary folder, named by a mountinfo of its own.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import * as Cgroups from "../../../src/reactors/supervisor/Cgroups.ts"

const folders: Array<string> = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** A host whose agent is in the group /agent of every hierarchy. */
const host = (mounts: (root: string) => string, own: string) => {
  const root = mkdtempSync(join(tmpdir(), "annalist-cgroups-"))
  folders.push(root)
  mkdirSync(join(root, "proc/self"), { recursive: true })
  mkdirSync(join(root, "unified/agent"), { recursive: true })
  mkdirSync(join(root, "memory/agent"), { recursive: true })
  writeFileSync(join(root, "unified/agent/cgroup.controllers"), "cpu memory pids\n")
  writeFileSync(join(root, "proc/self/mountinfo"), mounts(root))
  writeFileSync(join(root, "proc/self/cgroup"), own)
  return {
    root,
    cgroups: Cgroups.make(join(root, "proc")),
    read: (file: string) => readFileSync(join(root, file), "utf8"),
  }
}

const unified = (root: string) => `30 24 0:27 / ${root}/unified rw - cgroup2 cgroup2 rw\n`
const memory = (root: string) => `31 24 0:28 / ${root}/memory rw - cgroup cgroup rw,memory\n`

describe("control groups", () => {
  it("limit in version 2 below the agent's own group, each by its controller", () => {
    const { root, cgroups, read } = host(unified, "0::/agent\n")
    const directory = join(root, "unified/agent/one")
    expect(cgroups.limit("one", "memoryBytes", 1_048_576)).toBe(directory)
    expect(read("unified/agent/cgroup.subtree_control")).toBe("+memory")
    expect(cgroups.limit("one", "cpus", 0.5)).toBe(directory)
    expect(cgroups.limit("one", "pids", 7)).toBe(directory)
    expect(read("unified/agent/one/memory.max")).toBe("1048576")
    expect(read("unified/agent/one/cpu.max")).toBe("50000 100000")
    expect(read("unified/agent/one/pids.max")).toBe("7")
    cgroups.enter(directory, 4711)
    expect(read("unified/agent/one/cgroup.procs")).toBe("4711")
  })

  it("limit in version 1 where that has the controller, and in version 2 for the others", () => {
    const { root, cgroups, read } = host((root) => memory(root) + unified(root), "4:memory:/agent\n0::/agent\n")
    expect(cgroups.limit("one", "memoryBytes", 4096)).toBe(join(root, "memory/agent/one"))
    expect(read("memory/agent/one/memory.limit_in_bytes")).toBe("4096")
    expect(cgroups.limit("one", "pids", 3)).toBe(join(root, "unified/agent/one"))
  })

  it("say what is missing where no hierarchy has the controller", () => {
    const { cgroups } = host(memory, "4:memory:/agent\n")
    expect(cgroups.limit("one", "cpus", 1)).toEqual({ refused: "no cgroup hierarchy here has the cpu controller" })
  })

  it("say which group could not be set, and why", () => {
    const { root, cgroups } = host(unified, "0::/elsewhere\n")
    mkdirSync(join(root, "unified/elsewhere"))
    expect(cgroups.limit("one", "pids", 1)).toEqual({ refused: "no cgroup hierarchy here has the pids controller" })
    const blocked = host(unified, "0::/agent\n")
    writeFileSync(join(blocked.root, "unified/agent/one"), "in the way")
    expect(blocked.cgroups.limit("one", "pids", 1)).toEqual({
      refused: `the pids cgroup below ${blocked.root}/unified/agent cannot be set: EEXIST`,
    })
  })

  it("are removed once nobody is in them", () => {
    const { root, cgroups } = host(unified, "0::/agent\n")
    mkdirSync(join(root, "unified/agent/empty"))
    cgroups.remove([join(root, "unified/agent/empty"), join(root, "unified/agent/gone")])
    expect(existsSync(join(root, "unified/agent/empty"))).toBe(false)
  })
})
