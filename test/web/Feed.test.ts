import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { Agent, Outcome } from "../../src/web/answers.ts"
import * as Feed from "../../src/web/Feed.ts"
import { initial, reduce, type Action, type PageState } from "../../src/web/PageState.ts"
import type { Question } from "../../src/web/Question.ts"
import { metricsAsked, processesAsked, verdictAsked } from "../../src/web/questions.ts"
import type { StateAnswer } from "../../src/wire/state.ts"
import { answered, metrics, process, state, verdict } from "./given.ts"

/** A page and an agent without a browser or a socket between them; time is the test's. */
const feeding = (wanted: string | null = null) => {
  let page: PageState = initial(wanted, 0)
  const asked: Array<string> = []
  const world = {
    asked,
    log: state(),
    isAway: false,
    isVisible: true,
    /** Whether the agent says by itself how it stands. */
    tells: false,
    tell: (_log: StateAnswer) => {},
    hangUp: () => {},
    refuses: (_at: string | null): string | null => null,
    page: () => page,
    choose: (at: string | null) => {
      dispatch({ _tag: "MomentChosen", at })
      feed.wake()
    },
    wake: () => feed.wake(),
    stop: () => feed.stop(),
  }
  const dispatch = (action: Action) => {
    page = reduce(page, action)
  }
  const away = <A>(): Outcome<A> => ({ _tag: "Unreachable", reason: "the connection failed" })
  const answers: Readonly<Record<string, () => unknown>> = {
    "v1/state": (): StateAnswer => world.log,
    "v1/ccl/verdict": () => verdict(),
    "v1/processes": () => ({ position: 1000, processes: [process()] }),
    metrics: () => metrics,
  }
  const agent: Agent = {
    ask: <A>({ url }: Question<A>, at: string | null) => {
      asked.push(at === null ? url : `${url}@${at}`)
      if (world.isAway) return Promise.resolve(away<A>())
      const detail = world.refuses(at)
      if (detail !== null) return Promise.resolve({ _tag: "Refused", detail, status: 404 } as const)
      return Promise.resolve(answered(answers[url]?.() as A))
    },
    read: () => Promise.resolve(away<string>()),
    follow: (_question, take) => {
      if (!world.tells) return Promise.resolve(away<null>())
      return new Promise((resolve) => {
        world.tell = (log) => take(`id: 1\nevent: state\ndata: ${JSON.stringify(log)}\n\n`)
        world.hangUp = () => resolve(away<null>())
        world.tell(world.log)
      })
    },
    act: () => Promise.resolve(away()),
    marksFrom: (from) => {
      asked.push(`marks ${from}`)
      return Promise.resolve(world.isAway ? away() : answered([]))
    },
    timeline: (from, to, step) => {
      asked.push(`timeline ${(to - from) / step}`)
      const positions = Array.from({ length: (to - from) / step + 1 }, (_, index) => index)
      positions[positions.length - 1] = world.log.head.position
      return Promise.resolve(answered({ position: 1000, from: "", step_seconds: step / 1000, positions }))
    },
  }
  const feed = Feed.start({
    agent,
    page: () => page,
    questions: () => [verdictAsked, processesAsked, metricsAsked],
    dispatch,
    nowMillis: () => Date.now(),
    later: (millis, run) => {
      const timer = setTimeout(run, millis)
      return () => clearTimeout(timer)
    },
    isVisible: () => world.isVisible,
  })
  return world
}

const passes = (millis: number) => vi.advanceTimersByTimeAsync(millis)
const taken = (asked: Array<string>) => asked.splice(0)

describe("the feed", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it("asks where the log stands, then for the views of that moment, then for marks", async () => {
    const world = feeding()
    await passes(0)
    expect(world.asked).toEqual(["v1/state", "v1/ccl/verdict", "v1/processes", "metrics", "timeline 120", "marks 1"])
    expect(world.page().picture?.state.position).toBe(1000)
    world.stop()
  })

  it("asks once a second, and only for the state while nothing happens", async () => {
    const world = feeding()
    await passes(0)
    taken(world.asked)
    await passes(3_000)
    expect(world.asked).toEqual(["v1/state", "v1/state", "v1/state"])
    world.stop()
  })

  it("asks for the views again when the log has grown", async () => {
    const world = feeding()
    await passes(0)
    taken(world.asked)
    world.log = state({ position: 1001, head: { position: 1001, at: state().at }, last: { ProcessExited: 1001 } })
    await passes(1_000)
    expect(world.asked).toEqual(["v1/state", "v1/ccl/verdict", "v1/processes"])
    taken(world.asked)
    await passes(4_000)
    expect(world.asked.filter((one) => one !== "v1/state")).toEqual(["metrics", "marks 1001"])
    world.stop()
  })

  it("asks every view for the same past moment, soon after it was chosen", async () => {
    const world = feeding()
    await passes(0)
    taken(world.asked)
    world.choose("500")
    await passes(150)
    expect(world.asked.slice(0, 4)).toEqual(["v1/state@500", "v1/ccl/verdict@500", "v1/processes@500", "metrics@500"])
    world.stop()
  })

  it("skips the moments that the reader has left before they could be asked for", async () => {
    const world = feeding()
    await passes(0)
    taken(world.asked)
    for (const at of ["500", "490", "480", "470"]) world.choose(at)
    await passes(150)
    expect(world.asked.slice(0, 4)).toEqual(["v1/state@470", "v1/ccl/verdict@470", "v1/processes@470", "metrics@470"])
    expect(world.asked.some((one) => /@4[89]0|@500/.test(one))).toBe(false)
    world.stop()
  })

  it("does not insist on a moment that was refused, but keeps the ends of the time bar fresh", async () => {
    const world = feeding("tomorrow")
    world.refuses = (at) => (at === null ? null : "no such moment")
    await passes(0)
    expect([world.page().refusal, taken(world.asked)]).toEqual([
      "no such moment",
      ["v1/state@tomorrow", "v1/state", "v1/state", "v1/ccl/verdict", "timeline 120", "marks 1"],
    ])
    await passes(1_000)
    expect([new Set(world.asked), world.page().log?.node]).toEqual([new Set(["v1/state"]), "node-7"])
    world.stop()
  })

  it("goes on judging the present while the past is looked at", async () => {
    const world = feeding("500")
    await passes(0)
    expect(taken(world.asked)).toContain("v1/ccl/verdict")
    expect(world.page().presentVerdict?.verdict).toBe("missing_rank")
    await passes(3_000)
    expect(world.asked.filter((one) => one === "v1/ccl/verdict")).toEqual([])
    await passes(3_000)
    expect(world.asked.filter((one) => one === "v1/ccl/verdict")).toHaveLength(1)
    world.stop()
  })

  it("tries less and less often while the agent is away, and picks up when it is back", async () => {
    const world = feeding()
    await passes(0)
    world.isAway = true
    taken(world.asked)
    await passes(20_000)
    expect(world.page().link).toMatchObject({ _tag: "Disconnected" })
    expect(world.page().picture).not.toBeNull()
    expect(taken(world.asked).length).toBeLessThan(7)
    world.isAway = false
    await passes(10_000)
    expect(world.page().link._tag).toBe("Connected")
    world.stop()
  })

  it("rests while nobody looks, and asks at once when somebody does again", async () => {
    const world = feeding()
    await passes(0)
    taken(world.asked)
    world.isVisible = false
    await passes(60_000)
    const meanwhile = taken(world.asked).length
    world.isVisible = true
    world.wake()
    await passes(0)
    expect([meanwhile, world.asked.length]).toEqual([1, 1])
    world.stop()
  })

  it("asks nothing while the agent tells that nothing happens, and what has grown old when something did", async () => {
    const world = feeding()
    world.tells = true
    await passes(5_000)
    taken(world.asked)
    await passes(30_000)
    expect(world.asked).toEqual([])
    world.tell(state({ position: 1001, head: { position: 1001, at: state().at }, last: { SamplesTaken: 1001 } }))
    await passes(0)
    expect([taken(world.asked), world.page().picture?.state.position]).toEqual([
      ["v1/ccl/verdict", "v1/processes", "metrics", "timeline 0"],
      1001,
    ])
    world.stop()
  })

  it("asks again itself when the agent no longer tells, and says so when it is gone", async () => {
    const world = feeding()
    world.tells = true
    await passes(5_000)
    taken(world.asked)
    world.isAway = true
    world.hangUp()
    await passes(0)
    expect([taken(world.asked), world.page().link._tag]).toEqual([["v1/state"], "Disconnected"])
    world.stop()
  })

  it("takes silence for no word at all", async () => {
    const world = feeding()
    world.tells = true
    await passes(5_000)
    taken(world.asked)
    await passes(45_000)
    expect(world.asked).toContain("v1/state")
    world.stop()
  })

  it("asks nothing after its end", async () => {
    const world = feeding()
    world.stop()
    await passes(5_000)
    expect(world.asked).toEqual([])
  })
})
