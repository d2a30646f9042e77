// The Python reporter against a tiny server: what it sends, and that the job never pays for it.

import { describe, expect, it } from "vitest"
import { type Counts, lastLine, python, runText } from "./python.ts"
import { type Behaviour, openSink, type Sink } from "./sink.ts"

const title = (name: string) => (python === null ? `${name} (wants python3)` : name)

const withSink = async <T>(behaviour: Behaviour, use: (sink: Sink) => Promise<T>): Promise<T> => {
  const sink = await openSink(behaviour)
  try {
    return await use(sink)
  } finally {
    await sink.close()
  }
}

const opening = `
import json, os, sys, threading, time
import annalist_report as report
def one(count=1, op="allreduce"):
    with report.collective(op, rank=0, size=2, count=count, dtype="float32"):
        pass
def tell():
    print(json.dumps(report.counts()))
`

const lineOf = (program: string, text: string): number => {
  const lines = program.split("\n")
  return lines.findLastIndex((line) => line.startsWith(text)) + 1
}

describe.skipIf(python === null)(title("what the reporter sends"), () => {
  it("is the record of the wire, at the start and at the finish", () =>
    withSink({}, async (sink) => {
      const program = `${opening}
with report.collective("allreduce", rank=1, size=4, count=1024, dtype="float32", algorithm="ring", comm="world"):
    time.sleep(0.02)
with report.transfer("send", rank=1, size=4, peer=3, bytes=4096, filename="p2p.py"):
    pass
`
      const { code, stderr } = await runText(program, { url: sink.url, env: { ANNALIST_RUN_ID: "run-7" } })
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
      const [start, finish, sending, sent] = sink.records
      const { startTime, pid, host } = start!
      expect(start).toEqual({
        opType: "allreduce",
        algorithm: "ring",
        dataType: "float32",
        count: 1024,
        rootRank: -1,
        context_rank: 1,
        context_size: 4,
        comm_id: "world",
        filename: `<string>:${lineOf(program, "with report.collective")}`,
        run_id: "run-7",
        host,
        pid,
        seq: 1,
        startTime,
        endTime: 0,
        finished: false,
      })
      expect(finish).toEqual({ ...start, endTime: finish!.endTime, finished: true })
      expect(finish!.endTime - startTime).toBeGreaterThanOrEqual(20_000)
      expect(sending).toEqual({
        opType: "send",
        remoteRank: 3,
        bytes: 4096,
        context_rank: 1,
        context_size: 4,
        filename: "p2p.py",
        run_id: "run-7",
        host,
        pid,
        seq: 2,
        startTime: sending!.startTime,
        endTime: 0,
        finished: false,
      })
      expect(sent).toEqual({ ...sending, endTime: sent!.endTime, finished: true })
      expect(Array.from(sink.contentTypes)).toEqual(["application/x-ndjson"])
    }))

  it("also comes from a decorator, and from start and finish by hand", () =>
    withSink({}, async (sink) => {
      const program = `${opening}
@report.collective("barrier", rank=0, size=2)
def meet():
    pass
meet(); meet()
handle = report.collective("broadcast", rank=0, size=2, root=0).start()
handle.finish()
handle.finish()
`
      await runText(program, { url: sink.url })
      expect(sink.records.map(({ opType, seq, finished }) => [opType, seq, finished])).toEqual([
        ["barrier", 1, false],
        ["barrier", 1, true],
        ["barrier", 2, false],
        ["barrier", 2, true],
        ["broadcast", 3, false],
        ["broadcast", 3, true],
      ])
    }))

  it("says of an operation that raised why, and never that it finished", () =>
    withSink({}, async (sink) => {
      const program = `${opening}
try:
    with report.collective("allreduce", rank=0, size=2):
        raise RuntimeError("connection closed by peer")
except RuntimeError:
    tell()
`
      expect((lastLine(await runText(program, { url: sink.url })) as Counts).recorded).toBe(2)
      const [start, again] = sink.records
      expect(again).toEqual({ ...start, error: "RuntimeError: connection closed by peer" })
    }))

  it("is there within 100 ms of the start", () =>
    withSink({}, async (sink) => {
      const program = `${opening}
for _ in range(21):
    handle = report.collective("allreduce", rank=0, size=2).start()
    time.sleep(0.12)
    handle.finish()
`
      await runText(program, { url: sink.url })
      const lags = sink.records
        .flatMap((record, index) => (record.finished ? [] : [sink.arrivals[index]! - record.startTime]))
        .sort((a, b) => a - b)
      expect(lags).toHaveLength(21)
      expect(lags[10]! / 1000).toBeLessThan(100)
    }))

  it("is told again while the operation goes on, so that a lost post does not hide who waits", () =>
    withSink({}, async (sink) => {
      const program = `${opening}
with report.collective("allreduce", rank=0, size=2):
    time.sleep(2.6)
one()
`
      await runText(program, { url: sink.url })
      expect(sink.records.map(({ seq, finished }) => [seq, finished])).toEqual([
        [1, false],
        [1, false],
        [1, true],
        [2, false],
        [2, true],
      ])
      expect(sink.records[1]).toEqual(sink.records[0])
    }))

  it("gives no two operations of a process one start, whichever thread begins them", () =>
    withSink({}, async (sink) => {
      const program = `${opening}
def many():
    for _ in range(500):
        one()
threads = [threading.Thread(target=many) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
`
      await runText(program, { url: sink.url })
      expect(sink.records).toHaveLength(4000)
      const starts = sink.records.filter(({ finished }) => !finished)
      expect(new Set(starts.map(({ startTime }) => startTime)).size).toBe(2000)
      expect(new Set(starts.map(({ seq }) => seq)).size).toBe(2000)
    }))

  it("goes over one connection, and over another when the first was closed meanwhile", () =>
    withSink({ keepAliveMillis: 300 }, async (sink) => {
      const program = `${opening}
for _ in range(5):
    one(); time.sleep(0.05)
report.flush()
tell()
time.sleep(2.0)
one()
report.flush()
tell()
`
      const ended = await runText(program, { url: sink.url })
      const [before, after] = ended.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Counts & { readonly failures: number })
      expect(before).toMatchObject({ connections: 1, delivered: 10 })
      expect(before!.posts).toBeGreaterThanOrEqual(5)
      expect(after).toMatchObject({ connections: 2, delivered: 12, failures: 0, dropped: 0 })
      expect(sink.connections()).toBe(2)
    }))

  it("comes in few posts when the job is busy", () =>
    withSink({}, async (sink) => {
      const { delivered, posts } = lastLine(
        await runText(`${opening}\nfor _ in range(5000): one()\nreport.flush(5)\ntell()`, { url: sink.url }),
      ) as Counts
      expect(delivered).toBe(10_000)
      expect(posts).toBeLessThan(200)
    }))
})

describe.skipIf(python === null)(title("the job that is reported"), () => {
  it("never waits for a server that takes everything and says nothing", () =>
    withSink({ silent: true }, async (sink) => {
      const program = `${opening}
slowest = 0
for _ in range(20000):
    began = time.monotonic(); one(); slowest = max(slowest, time.monotonic() - began)
print(json.dumps({**report.counts(), "slowest": slowest}))
`
      const ended = await runText(program, { url: sink.url, env: { ANNALIST_REPORT_QUEUE: "500" } })
      const { recorded, delivered, dropped, waiting, slowest } = lastLine(ended) as Counts & {
        readonly slowest: number
      }
      expect(ended.code).toBe(0)
      expect({ recorded, delivered }).toEqual({ recorded: 40_000, delivered: 0 })
      expect(dropped).toBeGreaterThan(38_000)
      expect(waiting).toBeLessThanOrEqual(1000)
      expect(slowest).toBeLessThan(0.5)
      expect(ended.stderr).toMatch(/^annalist_report: 40000 of 40000 records did not reach http:/)
    }))

  it("ends within the bound when nobody answers", () =>
    withSink({ silent: true }, async (sink) => {
      const bare = await runText("import http.client, ssl", {})
      const { code, millis } = await runText(`${opening}\none()`, {
        url: sink.url,
        env: { ANNALIST_REPORT_EXIT_SECONDS: "0.5" },
      })
      expect(code).toBe(0)
      expect(millis - bare.millis).toBeLessThan(2500)
    }))

  it("ends at once and well when there is no agent at all, and says what was lost", async () => {
    const sink = await openSink()
    await sink.close()
    const program = `${opening}\nfor _ in range(50): one()\nbegan = time.monotonic()\nprint(report.flush(5), time.monotonic() - began < 2)`
    const { code, stdout, stderr } = await runText(program, { url: sink.url })
    expect({ code, stdout }).toEqual({ code: 0, stdout: "False True\n" })
    expect(stderr).toBe(
      `annalist_report: 100 of 100 records did not reach ${sink.url} (ConnectionRefusedError: [Errno 111] Connection refused)\n`,
    )
  })

  it("sends its last record however soon it ends", () =>
    withSink({}, async (sink) => {
      const { code, stderr } = await runText(`${opening}\none(count=7)\nsys.exit(3)`, { url: sink.url })
      expect({ code, stderr }).toEqual({ code: 3, stderr: "" })
      expect(sink.records.map(({ finished }) => finished)).toEqual([false, true])
    }))

  it("keeps its newest records while the agent is away, and tells the agent how many it lost", async () => {
    const away = await openSink()
    await away.close()
    const program = `${opening}
for count in range(200):
    one(count)
print("waiting", flush=True)
end = time.monotonic() + 10
while report.counts()["delivered"] == 0 and time.monotonic() < end:
    time.sleep(0.02)
report.flush()
tell()
`
    const env = { ANNALIST_REPORT_QUEUE: "100" }
    const running = runText(program, { url: away.url, env })
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const sink = await openSink({ port: away.port })
    const counts = lastLine(await running) as Counts
    await sink.close()
    expect(counts).toMatchObject({ recorded: 400, delivered: 100, dropped: 300, waiting: 0 })
    expect(sink.records.map(({ count }) => count)).toEqual(Array.from({ length: 100 }, (_, i) => 150 + (i >> 1)))
    expect(sink.records.map((record) => record["dropped"]).filter((dropped) => dropped !== undefined)).toEqual([300])
  })

  it("repeats what a busy agent did not take, and nothing that it refused", () =>
    withSink(
      {
        answer: (post) =>
          post <= 2
            ? { status: 503, body: "" }
            : post === 3
              ? { status: 400, body: '{"error":"no"}' }
              : { status: 200, body: "{}" },
      },
      async (sink) => {
        const program = `${opening}
one(1)
while report.counts()["refused"] == 0: time.sleep(0.01)
one(2)
report.flush()
tell()
`
        const counts = lastLine(await runText(program, { url: sink.url })) as Counts
        expect(counts.refused + counts.delivered).toBe(4)
        expect(counts.refused).toBeGreaterThanOrEqual(1)
        expect(sink.records.filter(({ count }) => count === 2)).toHaveLength(2)
      },
    ))

  it("never fails by a value that cannot be recorded", () =>
    withSink({}, async (sink) => {
      const program = `${opening}
class Odd:
    def __str__(self): raise ValueError("odd")
for bad in (dict(rank="x", size=2), dict(rank=0, size=2, dtype=Odd()), dict(rank=None, size=None)):
    with report.collective("allreduce", **bad) as handle:
        pass
    handle = report.collective("allreduce", **bad).start()
    handle.finish()
@report.collective("barrier", rank="x", size=2)
def meet():
    return 5
assert meet() == 5
tell()
`
      const ended = await runText(program, { url: sink.url })
      expect(lastLine(ended) as Counts).toMatchObject({ recorded: 0, faults: 7 })
      expect(ended.code).toBe(0)
    }))

  it("never fails by an address that is none", async () => {
    for (const url of ["http://[1/log_ccl", "http://127.0.0.1:port/", "nonsense", "https://127.0.0.1:1/"]) {
      const { code, stdout, stderr } = await runText(`${opening}\none()\nprint("done")`, { url })
      expect({ code, stdout }).toEqual({ code: 0, stdout: "done\n" })
      expect(stderr).toMatch(/^annalist_report: 2 of 2 records did not reach /)
    }
  })

  it("may be interrupted by a signal whose handler reports as well", () =>
    withSink({}, async (sink) => {
      const program = `${opening}
import signal
hits = 0
def handler(*_):
    global hits
    hits += 1
    one()
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0005)
for _ in range(20000): one()
signal.setitimer(signal.ITIMER_REAL, 0)
report.flush(5)
print(json.dumps({**report.counts(), "hits": hits}))
`
      const { recorded, delivered, hits } = lastLine(
        await runText(program, { url: sink.url, env: { ANNALIST_REPORT_QUEUE: "1000000" } }),
      ) as Counts & { readonly hits: number }
      expect(hits).toBeGreaterThan(10)
      expect(recorded).toBe(2 * (20_000 + hits))
      expect(delivered).toBe(recorded)
    }))

  it("may fork: the child reports as itself, and nothing is told twice", () =>
    withSink({}, async (sink) => {
      const program = `${opening}
import multiprocessing
one(1)
report.flush()
one(2)
child = os.fork()
if child == 0:
    one(3)
    sys.exit(0)
os.waitpid(child, 0)
def work():
    one(4)
process = multiprocessing.get_context("fork").Process(target=work)
process.start(); process.join()
assert process.exitcode == 0
one(5)
`
      const { code, stderr } = await runText(program, { url: sink.url })
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
      const pids = [1, 2, 3, 4, 5].map((count) => sink.records.filter((record) => record["count"] === count))
      expect(pids.map((records) => records.length)).toEqual([2, 2, 2, 2, 2])
      const [first, second, third, fourth, fifth] = pids.map((records) => records[0]!)
      expect([second!.pid, fifth!.pid]).toEqual([first!.pid, first!.pid])
      expect(new Set([first!.pid, third!.pid, fourth!.pid]).size).toBe(3)
      expect([third!.seq, fourth!.seq]).toEqual([1, 1])
    }))

  it("reports nothing when it is told so", () =>
    withSink({}, async (sink) => {
      const ended = await runText(`${opening}\none()\ntell()`, { url: sink.url, env: { ANNALIST_REPORT: "off" } })
      expect((lastLine(ended) as Counts).recorded).toBe(0)
      expect(sink.connections()).toBe(0)
    }))
})
