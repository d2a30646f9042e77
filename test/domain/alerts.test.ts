// Rules over a log: what is raised, once, and what is cleared, once, whatever happens to clocks and agents in between.

import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { Position, ProcessId } from "../../src/domain/Brands.ts"
import * as Alerts from "../../src/domain/alerts/Alerts.ts"
import { read } from "../../src/domain/alerts/readRule.ts"
import { dueBy } from "../../src/domain/alerts/verdicts.ts"
import type { Verdict } from "../../src/domain/collectives/Verdict.ts"
import type { Event } from "../../src/domain/Event.ts"
import { second, start } from "./given.ts"

const rule = (written: object): Event => {
  const known = read({ name: "r", ...written })
  if (Either.isLeft(known)) throw new Error(known.left)
  return { _tag: "AlertRuleDefined", rule: known.right, source: "request" }
}

const counters = {
  cpuBusyTicks: 0,
  cpuTotalTicks: 0,
  cpuCores: 4,
  cpuThreads: 4,
  memoryTotalBytes: 100,
  memoryFreeBytes: 50,
  memoryAvailableBytes: 50,
  swapTotalBytes: 0,
  swapFreeBytes: 0,
  load1: 0,
  load5: 0,
  load15: 0,
  uptimeSeconds: 1,
  processCount: 1,
}
const load = (load1: number): Event => ({
  _tag: "SamplesTaken",
  collector: "host",
  takenMicros: 0,
  host: { ...counters, load1 },
  processes: [],
})
const resident = (...all: ReadonlyArray<readonly [pid: number, bytes: number]>): Event => ({
  _tag: "SamplesTaken",
  collector: "processes",
  takenMicros: 0,
  host: null,
  processes: all.map(([pid, residentBytes]) => ({
    pid,
    startTicks: 7,
    parentPid: 1,
    name: "job",
    state: "R",
    cpuTicks: 0,
    residentBytes,
    virtualBytes: 0,
    threads: 1,
    readBytes: null,
    writtenBytes: null,
  })),
})
const tick: Event = { _tag: "Ticked" }
const booted = (id: string, pid: number, name = "job"): ReadonlyArray<Event> => [
  {
    _tag: "ProcessBootRequested",
    process: ProcessId(id),
    spec: {
      name,
      kind: "process",
      argv: ["/bin/true"],
      workingDirectory: "/",
      env: null,
      user: "u",
      session: null,
      treeId: null,
      host: "h",
      logPath: null,
      scriptPath: null,
    },
  },
  { _tag: "ProcessBooted", process: ProcessId(id), identity: { bootId: "b", pid, startTicks: 7 } },
]
const agent = (bootId = "b"): Event => ({
  _tag: "AgentStarted",
  bootId,
  host: "h",
  pid: 1,
  version: "0",
  hangLimitMillis: 60_000,
})

/** A log that writes down what is due, as the agent does: a second passes before each event that is added. */
const diary = () => {
  let state = Alerts.initial()
  let position = 0
  let at = start
  let mono = 0
  const told: Array<string> = []
  const write = (event: Event) => {
    position++
    state = Alerts.evolve(state, { position: Position(position), at, mono, actor: "test", command: null, event })
  }
  const settle = () => {
    for (let rounds = 0; state.due.length > 0; rounds++) {
      if (rounds > 3) throw new Error("what is due does not end")
      for (const event of state.due) {
        told.push(event._tag === "AlertRaised" ? `+${event.subject}` : `-${event.subject}`)
        write(event)
      }
    }
  }
  const add = (...events: ReadonlyArray<Event>) => {
    for (const event of events) {
      at += second
      mono += second
      write(event)
      settle()
    }
    return told.splice(0)
  }
  return {
    add,
    state: () => state,
    jump: (micros: number) => void (at += micros),
    sleep: (micros: number) => void ((at += micros), (mono += micros)),
    reboot: () => void (mono = 0),
  }
}

describe("a rule on what processes tell of themselves", () => {
  const tells = (name: string, value: number, collector = "custom"): Event => ({
    _tag: "MeasuresTaken",
    collector,
    takenMicros: 0,
    measures: [{ name, kind: "gauge", labels: {}, value }],
  })

  it("goes by the last word under that name, and by no collector's", () => {
    const log = diary()
    log.add(agent(), rule({ when: { kind: "threshold", metric: "custom.loss", above: 4 } }))
    expect(log.add(tells("loss", 3), tells("loss", 9, "gpu"), tells("gain", 9), load(9))).toEqual([])
    expect(log.add(tells("loss", 5))).toEqual(["+host"])
    expect(log.add(tells("loss", 1))).toEqual(["-host"])
  })

  it("knows when nothing is told any more", () => {
    const log = diary()
    log.add(agent(), rule({ when: { kind: "missing", metric: "custom.loss", for: 3 } }))
    expect(log.add(tells("loss", 3), tick, tick)).toEqual([])
    expect(log.add(tick)).toEqual(["+host"])
  })
})

describe("a threshold", () => {
  const high = rule({ when: { kind: "threshold", metric: "host.load1", above: 4, for: 5 } })

  it("is raised once when it has held for its time, and cleared once", () => {
    const log = diary()
    expect(log.add(agent(), high, load(5), load(6), tick, tick, tick)).toEqual([])
    expect(log.add(load(7))).toEqual(["+host"])
    expect(log.add(load(8), tick, load(9))).toEqual([])
    expect(Array.from(log.state().raised.values())).toMatchObject([
      { rule: "r", severity: "warning", value: 7, sentence: "host.load1 of the host is 7, above 4 for 5 s" },
    ])
    expect(log.add(load(3))).toEqual(["-host"])
    expect(log.add(load(3), tick, tick)).toEqual([])
    expect(log.state().ended.map(({ cleared }) => cleared?.reason)).toEqual(["the condition does not hold any more"])
  })

  it("begins anew when it broke off in between", () => {
    expect(diary().add(agent(), high, load(5), tick, tick, load(1), load(5), tick, tick, tick, tick)).toEqual([])
  })

  it("is moved by no jump of the wall clock", () => {
    const log = diary()
    log.add(agent(), high, load(5))
    log.jump(3600 * second)
    expect(log.add({ _tag: "ClockJumped", deltaMicros: 3600 * second }, tick)).toEqual([])
    log.jump(-7200 * second)
    expect(log.add(tick, tick)).toEqual([])
    expect(log.add(tick)).toEqual(["+host"])
  })

  it("goes on over a restart of the agent, and stands over a reboot without being raised again", () => {
    const log = diary()
    log.add(agent(), high, load(5), tick)
    log.sleep(3 * second)
    expect(log.add(agent(), load(6))).toEqual(["+host"])
    log.reboot()
    expect(log.add(agent("other"), load(6), load(6), load(6))).toEqual([])
    expect(log.add(load(1))).toEqual(["-host"])
  })
})

describe("the other conditions", () => {
  it("rate: looks at the change a second over its window", () => {
    const log = diary()
    log.add(agent(), rule({ when: { kind: "rate", metric: "host.load1", above: 2, window: 3 } }))
    expect(log.add(load(0), load(1), load(2), load(3))).toEqual([])
    expect(log.add(load(20))).toEqual(["+host"])
    expect(log.add(load(20), load(20), load(20))).toEqual(["-host"])
  })

  it("missing: what is not seen for its time, and not what was not looked for", () => {
    const log = diary()
    log.add(agent(), rule({ when: { kind: "missing", metric: "host.load1", for: 3 } }), load(1))
    log.sleep(60 * second)
    expect(log.add(agent(), tick, tick)).toEqual([])
    expect(log.add(tick, tick)).toEqual(["+host"])
    expect(log.add(load(1))).toEqual(["-host"])
  })

  it("deviation: what lies far from the values before it, until it is the usual", () => {
    const log = diary()
    log.add(agent(), rule({ when: { kind: "deviation", metric: "host.load1", sigmas: 4, samples: 10 } }))
    const wave = Array.from({ length: 20 }, (_, index) => load(10 + (index % 3)))
    expect(log.add(...wave)).toEqual([])
    expect(log.add(load(30))).toEqual(["+host"])
    expect(log.add(load(11))).toEqual(["-host"])
  })

  it("events: so many of a type within a window", () => {
    const log = diary()
    log.add(agent(), rule({ when: { kind: "events", type: "ClockJumped", count: 3, window: 10 } }))
    const jumped: Event = { _tag: "ClockJumped", deltaMicros: 1 }
    expect(log.add(jumped, jumped, tick)).toEqual([])
    expect(log.add(jumped)).toEqual(["+host"])
    expect(log.add(...Array.from({ length: 7 }, () => tick))).toEqual(["-host"])
  })

  it("each process for itself, by name, for as long as it lives", () => {
    const log = diary()
    log.add(agent(), ...booted("a", 10))
    log.add(rule({ process: "job", when: { kind: "threshold", metric: "process.resident_bytes", above: 100 } }))
    log.add(...booted("b", 11), ...booted("c", 12, "other"))
    expect(log.add(resident([10, 50], [11, 200], [12, 300]))).toEqual(["+b"])
    expect(log.add(resident([10, 150], [11, 200], [12, 300]))).toEqual(["+a"])
    expect(log.add({ _tag: "ProcessExited", process: ProcessId("b"), code: 0, signal: null })).toEqual(["-b"])
    expect(log.add({ _tag: "AlertRuleRemoved", name: "r" })).toEqual(["-a"])
  })

  it("what of the agent does not work, until it does", () => {
    const log = diary()
    log.add(agent())
    expect(log.add({ _tag: "CollectorFailed", collector: "host", reason: "no /proc" })).toEqual(["+collector host"])
    expect(log.add({ _tag: "CollectorRecovered", collector: "host" })).toEqual(["-collector host"])
    const dropped: Event = { _tag: "TelemetryDropped", source: "log", count: 3, reason: "full" }
    expect(log.add(dropped, dropped)).toEqual(["+telemetry of log"])
    log.sleep(60 * second)
    expect(log.add(tick)).toEqual(["-telemetry of log"])
  })

  it("collectives: once for each verdict on a communicator", () => {
    const log = diary()
    log.add(agent())
    const verdict = (kind: Verdict["kind"]): Verdict => ({
      kind,
      sentence: `it is ${kind}`,
      communicator: { id: "c", runId: null, commId: null, size: 2 },
      ordinal: 1,
      op: null,
      culprits: [],
      waiting: [],
      ageSeconds: 1,
      evidence: [],
      confidence: 1,
      missingEvidence: [],
    })
    const look = (kind: Verdict["kind"]) => {
      const due = dueBy(log.state(), [verdict(kind)])
      log.add(...due)
      return due.map(({ _tag }) => _tag)
    }
    expect(
      ["healthy", "missing_rank", "missing_rank", "deadlock", "healthy", "healthy"].map((kind) =>
        look(kind as "healthy"),
      ),
    ).toEqual([[], ["AlertRaised"], [], ["AlertCleared", "AlertRaised"], ["AlertCleared"], []])
  })
})

describe("a copy of the state", () => {
  it("is changed by nothing that comes after it", () => {
    const log = diary()
    log.add(agent(), rule({ when: { kind: "rate", metric: "host.load1", above: 2, window: 9 } }), load(1), load(2))
    const copy = Alerts.copy(log.state())
    const before = structuredClone(copy)
    log.add(load(99), load(1), { _tag: "AlertRuleRemoved", name: "r" })
    expect(copy).toEqual(before)
  })
})

describe("a rule that makes no sense", () => {
  const wrong = (written: object) => Either.getOrElse(Either.flip(read({ name: "r", ...written })), () => "taken")
  it("is refused with what would be right", () => {
    expect(wrong({ when: { kind: "threshold", metric: "host.load1" } })).toContain("one of above and below")
    expect(wrong({ when: { kind: "threshold", metric: "host.luck", above: 1 } })).toContain("no metric of the host")
    expect(wrong({ when: { kind: "threshold", metric: "process.threads", above: 1 } })).toContain('"process": "*"')
    expect(wrong({ when: { kind: "events", type: "MoonRose", window: 1 } })).toContain("no type of event")
    expect(wrong({ when: { kind: "events", type: "AlertRaised", window: 1 } })).toContain("not raised about alerts")
    expect(wrong({ when: { kind: "missing", metric: "host.load1", for: 1 }, action: "stop" })).toContain(
      "for a process",
    )
    expect(wrong({ when: { kind: "missing", metric: "host.load1", for: 1 }, colour: "red" })).toContain("colour")
  })
})
