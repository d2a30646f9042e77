import { execFileSync, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import {
  childrenOf,
  ended,
  exists,
  type Identity,
  isAlive,
  isRoot,
  needsRoot,
  onLinux,
  processesMentioning,
  processStat,
  readJson,
  removeTemporaryDirectories,
  Run,
  sh,
  shim,
  temporaryDirectory,
  until,
} from "./harness.ts"

afterAll(removeTemporaryDirectories)

describe.skipIf(!onLinux)("the end of a child", () => {
  it("is recorded with its exit code", async () => {
    const run = await ended({ program: sh("exit 7") })
    expect(run.status()).toMatchObject({ wait_status: 7 << 8, code: 7, signal: null, core_dumped: false })
    expect(run.exitCode).toBe(0)
  })

  it("is code 0 only when it was 0", async () => {
    const status = (await ended({ program: ["true"] })).status()
    expect(status).toMatchObject({ wait_status: 0, code: 0, signal: null })
    expect(status.max_resident_bytes).toBeGreaterThan(0)
  })

  it("tells exit code 137 from death by SIGKILL", async () => {
    const [code, killed] = await Promise.all([
      ended({ program: sh("exit 137") }),
      ended({ program: sh("kill -KILL $$") }),
    ])
    expect(code.status()).toMatchObject({ code: 137, signal: null })
    expect(killed.status()).toMatchObject({ code: null, signal: 9 })
  })

  it("keeps every real-time signal", async () => {
    const signals = [34, 35, 50, 64]
    const runs = await Promise.all(signals.map((signal) => ended({ program: sh(`kill -${signal} $$`) })))
    expect(runs.map((run) => run.status().signal)).toEqual(signals)
    expect(runs.map((run) => run.status().wait_status)).toEqual(signals)
  })

  const dumpsToFile = onLinux && !fs.readFileSync("/proc/sys/kernel/core_pattern", "utf8").startsWith("|")
  it.skipIf(!dumpsToFile)("says whether a core was dumped (where cores go to files)", async () => {
    const crash = (limit: string) => {
      const directory = temporaryDirectory()
      const options = ["--limit", limit, "--cwd", directory]
      return ended({ directory, options, program: sh("kill -SEGV $$") })
    }
    const [dumped, not] = await Promise.all([crash("core=unlimited"), crash("core=0")])
    expect(dumped.status()).toMatchObject({ signal: 11, core_dumped: true })
    expect(not.status()).toMatchObject({ wait_status: 11, signal: 11, core_dumped: false })
  })

  it("is told on the notify descriptor too, in the order identity, status, empty", async () => {
    const run = await ended({ program: sh("exit 3") })
    await until("three lines came", () => run.lines.length === 3)
    expect(run.lines).toEqual([run.identity(), run.status(), run.empty()])
  })
})

describe.skipIf(!onLinux)("the identity of a child", () => {
  it("is its pid, its start time and the boot, for child and shim", async () => {
    const run = Run.boot({ program: ["sleep", "60"] })
    const identity = await run.booted()
    const child = processStat(identity.pid)!
    expect(child).toMatchObject({ parent: run.child.pid, group: identity.pid, session: identity.pid })
    expect(identity.start_ticks).toBe(child.startTicks)
    expect(identity.shim_pid).toBe(run.child.pid)
    expect(identity.shim_start_ticks).toBe(processStat(identity.shim_pid)!.startTicks)
    expect(identity.boot_id).toBe(fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim())
    expect(Math.abs(identity.started_at_us / 1000 - Date.now())).toBeLessThan(10_000)
    process.kill(identity.pid, "SIGKILL")
    await run.gone()
  })

  it("is parsed after the last parenthesis of a hostile command name", async () => {
    const directory = temporaryDirectory()
    const program = path.join(directory, "a) R 1 (b")
    fs.copyFileSync("/bin/sleep", program)
    fs.chmodSync(program, 0o755)
    const run = Run.boot({ directory, program: [program, "60"] })
    const identity = await run.booted()
    expect(identity.start_ticks).toBe(processStat(identity.pid)!.startTicks)
    process.kill(identity.pid, "SIGKILL")
    await run.gone()
  })
})

describe.skipIf(!onLinux)("a child", () => {
  it("has /dev/null, the log twice, no other descriptor, default signals and the shim's environment", async () => {
    const run = await ended({
      program: sh(
        "cd /proc/$$/fd; readlink 0; for fd in 3 4 5 6 7 8 9 10 11 12; do [ -e $fd ] && echo open $fd; done; " +
          "grep -E 'SigIgn|SigBlk' /proc/self/status; echo $SECRET >&2",
      ),
      env: { SECRET: "open sesame" },
    })
    const zero = "0".repeat(16)
    expect(run.output()).toBe(`/dev/null\nSigBlk:\t${zero}\nSigIgn:\t${zero}\nopen sesame\n`)
  })

  it("starts in its working directory with its umask and its limits", async () => {
    const directory = fs.realpathSync(temporaryDirectory())
    const run = await ended({
      directory,
      options: [
        "--cwd", directory, "--umask", "027",
        "--limit", "nofile=17:19", "--limit", "core=0", "--limit", "fsize=1024",
      ],
      program: sh("pwd; umask; ulimit -Sn; ulimit -Hn; ulimit -c; head -c 2000 /dev/zero >big; wc -c <big"),
    })
    const lines = run.output().split("\n")
    expect(lines.slice(0, 5)).toEqual([directory, "0027", "17", "19", "0"])
    expect(fs.statSync(path.join(directory, "big")).size).toBe(1024)
  })

  it("is put into each cgroup by its own pid", async () => {
    const directory = temporaryDirectory()
    fs.writeFileSync(path.join(directory, "cgroup.procs"), "")
    const run = await ended({ directory, options: ["--cgroup", directory], program: ["true"] })
    expect(fs.readFileSync(path.join(directory, "cgroup.procs"), "utf8")).toBe(String(run.identity().pid))
  })

  const pidsCgroup = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids"].find((root) => {
    try {
      fs.accessSync(path.join(root, "cgroup.procs"), fs.constants.W_OK)
      return true
    } catch {
      return false
    }
  })
  it.skipIf(pidsCgroup === undefined)("enters a real cgroup (where one is writable)", async () => {
    const cgroup = fs.mkdtempSync(path.join(pidsCgroup!, "annalist-test-"))
    try {
      const run = Run.boot({ options: ["--cgroup", cgroup], program: ["sleep", "60"] })
      const { pid } = await run.booted()
      expect(fs.readFileSync(path.join(cgroup, "cgroup.procs"), "utf8")).toBe(`${pid}\n`)
      process.kill(pid, "SIGKILL")
      await run.gone()
    } finally {
      fs.rmdirSync(cgroup)
    }
  })

  it.skipIf(!isRoot)(`runs as another user, who owns its log${needsRoot}`, async () => {
    const directory = temporaryDirectory()
    const logs = path.join(directory, "logs")
    fs.mkdirSync(logs)
    fs.chmodSync(directory, 0o711)
    fs.chownSync(logs, 65534, 65534)
    const run = await ended({
      directory,
      options: ["--uid", "65534", "--gid", "65534", "--log", path.join(logs, "log"), "--rotate-bytes", "60"],
      program: sh("grep -E '^(Uid|Gid|Groups)' /proc/self/status; cd /; echo done"),
    })
    const written = fs.readdirSync(logs).sort().reverse()
    const text = written.map((name) => fs.readFileSync(path.join(logs, name), "utf8")).join("")
    expect(text.replace(/\s+/g, " ")).toBe(`Uid: ${"65534 ".repeat(4)}Gid: ${"65534 ".repeat(4)}Groups: 65534 done `)
    expect(written.length).toBeGreaterThan(1)
    expect(written.map((name) => fs.statSync(path.join(logs, name)).uid)).toEqual(written.map(() => 65534))
    expect(run.status().code).toBe(0)
  })
})

describe.skipIf(!onLinux)("a boot failure names its step, errno and object", () => {
  const link = () => {
    const directory = temporaryDirectory()
    fs.symlinkSync("/dev/null", path.join(directory, "link"))
    return path.join(directory, "link")
  }
  const cases: ReadonlyArray<[string, () => ReadonlyArray<string>, ReadonlyArray<string>, string, number]> = [
    ["a missing program", () => [], ["/nonexistent/program"], "exec", 2],
    ["a directory as program", () => [], ["/tmp"], "exec", 13],
    ["a program outside PATH", () => [], ["no-such-program-anywhere"], "exec", 2],
    ["a missing working directory", () => ["--cwd", "/nonexistent"], ["true"], "cwd", 2],
    ["a missing cgroup", () => ["--cgroup", "/nonexistent"], ["true"], "cgroup", 2],
    ["an unknown limit", () => ["--limit", "files=3"], ["true"], "limit", 22],
    ["a malformed limit", () => ["--limit", "nofile=-1"], ["true"], "limit", 22],
    ["a soft limit above the hard one", () => ["--limit", "nofile=9:5"], ["true"], "limit", 22],
    ["a log in a missing directory", () => ["--log", "/nonexistent/log"], ["true"], "log", 2],
    ["a log that is a directory", () => ["--log", "/tmp/"], ["true"], "log", 21],
    ["a log behind a link", () => ["--log", link()], ["true"], "log", 40],
    ["an unknown option", () => ["--shell", "yes"], ["true"], "usage", 22],
    ["no program", () => [], [], "usage", 22],
  ]
  it.each(cases)("%s", async (_name, options, program, step, errno) => {
    const run = await ended({ options: options(), program })
    expect(run.failure()).toMatchObject({ step, errno })
    expect(run.exitCode).toBe(127)
    await until("the failure was told", () => run.lines.length === 1)
    expect(run.lines).toEqual([run.failure()])
    expect(fs.readdirSync(run.directory).filter((name) => name !== "log")).toEqual(["failure"])
  })

  it("a script without an interpreter is not handed to a shell", async () => {
    const directory = temporaryDirectory()
    const script = path.join(directory, 'quo"te\n.sh')
    fs.writeFileSync(script, "echo never\n", { mode: 0o755 })
    const run = await ended({ directory, program: [script] })
    expect(run.failure()).toEqual({ step: "exec", errno: 8, error: "Exec format error", path: script })
    expect(run.output()).toBe("")
  })

  it("a missing directory is told by exit code and notify alone", async () => {
    const run = await ended({ directory: "/nonexistent/run", program: ["true"] })
    await until("the failure was told", () => run.lines.length === 1)
    expect(run.lines[0]).toMatchObject({ step: "dir", errno: 2 })
    expect(run.exitCode).toBe(127)
  })
})

describe.skipIf(!onLinux)("the tree of a child", () => {
  it("is empty only after the setsid grandchild of a double fork ended, whose output is in the log", async () => {
    const directory = temporaryDirectory()
    const go = path.join(directory, "go")
    const straggler = `echo $$ >${directory}/straggler; while [ ! -e ${go} ]; do sleep 0.01; done; echo late`
    const run = Run.boot({ directory, program: sh(`(setsid sh -c '${straggler}' &); echo early; exit 4`) })
    await until("the child ended and the straggler runs", () =>
      ["status", "straggler"].every((name) => exists(directory, name)),
    )
    await until("the straggler wrote its pid", () => fs.statSync(path.join(directory, "straggler")).size > 0)
    const pid = Number(fs.readFileSync(path.join(directory, "straggler"), "utf8"))
    expect(run.status().code).toBe(4)
    expect(processStat(pid)).toMatchObject({ parent: run.child.pid, session: pid })
    expect(exists(directory, "empty")).toBe(false)
    fs.writeFileSync(go, "")
    await run.gone()
    expect(run.empty()).toMatchObject({ dropped_bytes: 0, stragglers_reaped: 1 })
    expect(run.output()).toBe("early\nlate\n")
    expect(isAlive(pid)).toBe(false)
  })

  it("is reaped while the child lives, leaving no zombie", async () => {
    const directory = temporaryDirectory()
    const orphans = "for i in 1 2 3 4 5 6 7 8 9 10; do (sh -c : &); done"
    const run = Run.boot({ directory, program: sh(`${orphans}; touch ${directory}/forked; exec sleep 60`) })
    await until("all were forked", () => exists(directory, "forked"))
    const { pid } = await run.booted()
    await until("only the child is left", () => childrenOf(run.child.pid ?? 0).length === 1)
    expect(childrenOf(run.child.pid ?? 0)).toEqual([pid])
    process.kill(pid, "SIGKILL")
    await run.gone()
    expect(run.empty().stragglers_reaped).toBe(0)
  })

  it("may close its output early and still end in order", async () => {
    const run = await ended({ program: sh("echo first; exec >&- 2>&-; sleep 0.05; exit 9") })
    expect(run.status().code).toBe(9)
    expect(run.output()).toBe("first\n")
  })

  it("needs no log", async () => {
    const run = await ended({ log: false, program: sh("echo unheard; exit 2") })
    expect(run.status().code).toBe(2)
    expect(fs.readdirSync(run.directory).sort()).toEqual(["empty", "identity", "status"])
  })
})

describe.skipIf(!onLinux)("the shim", () => {
  it("keeps nothing of the child's environment and no descriptor of the agent", async () => {
    const inherited = fs.openSync("/dev/zero", "r")
    const run = Run.boot({ program: ["sleep", "60"], env: { SECRET: "open sesame" } })
    const { pid } = await run.booted()
    const environment = () => fs.readFileSync(`/proc/${run.child.pid}/environ`, "utf8")
    await until("the environment was wiped", () => environment().replaceAll("\0", "") === "")
    expect(fs.readFileSync(`/proc/${pid}/environ`, "utf8")).toContain("open sesame")
    const open = fs
      .readdirSync(`/proc/${run.child.pid}/fd`)
      .map((fd) => fs.readlinkSync(`/proc/${run.child.pid}/fd/${fd}`))
    expect(open.filter((file) => file === "/dev/null").length).toBe(3)
    expect(open).not.toContain("/dev/zero")
    expect(open.length).toBeLessThanOrEqual(9)
    expect(fs.readFileSync(`/proc/${run.child.pid}/comm`, "utf8")).toBe("annalist-shim\n")
    process.kill(pid, "SIGKILL")
    await run.gone()
    fs.closeSync(inherited)
  })

  it("is deaf to the signals that end agents", async () => {
    const run = Run.boot({ program: ["sleep", "60"] })
    const { pid } = await run.booted()
    for (const signal of ["SIGHUP", "SIGINT", "SIGTERM", "SIGQUIT", "SIGPIPE", "SIGUSR1"] as const)
      process.kill(run.child.pid!, signal)
    process.kill(pid, "SIGTERM")
    await run.gone()
    expect(run.status().signal).toBe(15)
    expect(run.exitCode).toBe(0)
  })

  it("leaves its child alive when it is killed itself", async () => {
    const run = Run.boot({ program: ["sleep", "60"] })
    const { pid } = await run.booted()
    process.kill(run.child.pid!, "SIGKILL")
    await run.gone()
    expect(isAlive(pid)).toBe(true)
    expect(exists(run.directory, "status")).toBe(false)
    process.kill(pid, "SIGKILL")
    await until("the child is gone", () => !isAlive(pid))
  })

  it("does not mind that the reader of notify is gone", async () => {
    const run = Run.boot({ program: sh("exit 6") })
    const notify = run.child.stdio[3]
    if (notify !== null && notify !== undefined && "destroy" in notify) notify.destroy()
    await run.gone()
    expect(run.status().code).toBe(6)
  })

  it("does not wait for a reader of notify who never reads", async () => {
    const directory = temporaryDirectory()
    const fifo = path.join(directory, "fifo")
    execFileSync("mkfifo", [fifo])
    const fd = fs.openSync(fifo, fs.constants.O_RDWR | fs.constants.O_NONBLOCK)
    try {
      for (;;) fs.writeSync(fd, Buffer.alloc(4096))
    } catch (error) {
      expect(error).toMatchObject({ code: "EAGAIN" })
    }
    const run = await ended({ directory, notify: fd, program: sh("exit 6") })
    fs.closeSync(fd)
    expect(run.status().code).toBe(6)
  })

  it("clears the records of an earlier run, but never those of a run that is held", async () => {
    const directory = temporaryDirectory()
    const options = ["--hold", path.join(directory, "hold")]
    await ended({ directory, options, program: sh("exit 1") })
    const run = Run.boot({ directory, options, program: ["sleep", "60"] })
    await until("the second run booted", () => run.lines.length > 0)
    expect(exists(directory, "status")).toBe(false)
    const { pid } = run.identity()
    const refused = await ended({ directory, options, program: ["true"] })
    await until("the refusal was told", () => refused.lines.length === 1)
    expect(refused.lines[0]).toMatchObject({ step: "hold", errno: 11 })
    expect(exists(directory, "failure")).toBe(false)
    process.kill(pid, "SIGKILL")
    await run.gone()
    expect(run.identity().pid).toBe(pid)
    expect(run.status().signal).toBe(9)
  })

  it("leaves no zombie and no process of 200 at once", async () => {
    const runs = Array.from({ length: 200 }, (_, i) => Run.boot({ program: sh(`echo ${i}; exit ${i}`) }))
    await Promise.all(runs.map((run) => run.gone()))
    expect(runs.map((run) => run.status().code)).toEqual(runs.map((_, i) => i))
    expect(runs.map((run) => run.output())).toEqual(runs.map((_, i) => `${i}\n`))
    const left = runs
      .map((run) => run.identity())
      .flatMap((id) => [
        { pid: id.pid, ticks: id.start_ticks },
        { pid: id.shim_pid, ticks: id.shim_start_ticks },
      ])
    expect(left.filter(({ pid, ticks }) => processStat(pid)?.startTicks === ticks)).toEqual([])
  })

  it("writes the status though its agent was killed at a random moment, 20 times", async () => {
    const base = temporaryDirectory()
    const agent = (round: string) =>
      `i=0; while [ $i -lt 50 ]; do i=$((i+1)); mkdir -p ${round}/$i; ` +
      `setsid ${shim} --dir ${round}/$i --log ${round}/$i/log --notify 1 -- sh -c 'echo out; exit 5' & done; wait`
    const rounds = Array.from({ length: 20 }, (_, i) => path.join(base, String(i)))
    for (const round of rounds) {
      const child = spawn("/bin/sh", ["-c", agent(round)], { stdio: ["ignore", "pipe", "ignore"] })
      child.stdout.resume()
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25))
      child.kill("SIGKILL")
    }
    await until("the orphaned shims are gone", () => processesMentioning(base).length === 0)
    const runs = rounds.flatMap((round) =>
      exists(round) ? fs.readdirSync(round).map((name) => path.join(round, name)) : [],
    )
    const started = runs.filter((run) => fs.readdirSync(run).length > 0)
    expect(started.length).toBeGreaterThan(0)
    for (const run of started) {
      expect(fs.readdirSync(run).sort()).toEqual(["empty", "identity", "log", "status"])
      expect((readJson(run, "identity") as Identity).pid).toBeGreaterThan(1)
      expect(readJson(run, "status")).toMatchObject({ code: 5 })
      expect(fs.readFileSync(path.join(run, "log"), "utf8")).toBe("out\n")
    }
  })
})
