import { describe, expect, it } from "vitest"
import {
  initial,
  isBehind,
  nameOf,
  reduce,
  shownMillis,
  wantedMillis,
  type Action,
  type PageState,
} from "../../src/web/PageState.ts"
import { titleOf } from "../../src/web/title.ts"
import { answered, firstAt, healthy, picture, state, verdict } from "./given.ts"

const after = (page: PageState, ...actions: ReadonlyArray<Action>) => actions.reduce(reduce, page)
const fresh = initial(null, 1_000)
const arrives = (over: Parameters<typeof picture>[0] = {}, nowMillis = 2_000): Action => ({
  _tag: "PictureArrived",
  picture: picture(over),
  nowMillis,
})
const chosen = (at: string | null): Action => ({ _tag: "MomentChosen", at })
const unreachable: Action = { _tag: "AgentUnreachable", reason: "the connection failed" }

describe("the page", () => {
  it("begins with nothing and waits", () => {
    expect([fresh.picture, fresh.link._tag, isBehind(fresh)]).toEqual([null, "Connecting", true])
  })

  it("shows the first picture that arrives", () => {
    const page = after(fresh, arrives())
    expect([page.link._tag, page.log?.node, isBehind(page), page.answeredMillis]).toEqual([
      "Connected",
      "node-7",
      false,
      2_000,
    ])
  })

  it("that goes to a past moment keeps the last picture until the new one is there", () => {
    const page = after(fresh, arrives(), chosen("500"))
    expect([page.picture?.at, isBehind(page)]).toEqual([null, true])
    const there = after(page, arrives({ at: "500", state: state({ position: 500 }) }))
    expect([there.picture?.state.position, isBehind(there)]).toEqual([500, false])
  })

  it("takes a late picture on the way through the past, but still counts as on its way", () => {
    const page = after(fresh, arrives(), chosen("500"), chosen("400"), arrives({ at: "500" }))
    expect([page.picture?.at, isBehind(page)]).toEqual(["500", true])
  })

  it("never shows the past as present nor the present as past", () => {
    const back = after(fresh, arrives(), chosen("500"), chosen(null), arrives({ at: "500" }))
    expect(back.picture?.at).toBeNull()
    const gone = after(fresh, chosen("500"), arrives())
    expect(gone.picture).toBeNull()
  })

  it("whose agent is away keeps the picture and counts from the last answer", () => {
    const page = after(fresh, arrives({}, 5_000), unreachable, unreachable)
    expect(page.picture).not.toBeNull()
    expect(page.link).toEqual({
      _tag: "Disconnected",
      sinceMillis: 5_000,
      attempts: 2,
      reason: "the connection failed",
    })
    expect(after(page, { _tag: "LogSeen", log: state(), nowMillis: 9_000 }).link._tag).toBe("Connected")
  })

  it("that never had an answer counts from when it was opened", () => {
    expect(after(fresh, unreachable).link).toMatchObject({ sinceMillis: 1_000 })
  })

  it("keeps the reason why a moment is refused until another is chosen", () => {
    const refused = after(fresh, chosen("x"), {
      _tag: "MomentRefused",
      at: "x",
      detail: 'at is "x"; it takes a position',
      nowMillis: 3_000,
    })
    expect([refused.refusal, isBehind(refused)]).toEqual(['at is "x"; it takes a position', false])
    expect(after(refused, chosen(null)).refusal).toBeNull()
    const late = after(refused, chosen("5"), { _tag: "MomentRefused", at: "x", detail: "no", nowMillis: 4_000 })
    expect(late.refusal).toBeNull()
  })

  it("forgets its marks when another log answers", () => {
    const mark = { position: 3, millis: 3, tone: "start", words: "booted", process: null } as const
    const marked: Action = { _tag: "MarksArrived", logId: "0f5cbe4e", marks: [mark], through: 1000 }
    const page = after(fresh, arrives(), marked)
    expect([page.marks.length, page.marksThrough]).toEqual([1, 1000])
    const other = after(page, { _tag: "LogSeen", log: state({ log_id: "other" }), nowMillis: 1 })
    expect([other.marks.length, other.marksThrough]).toEqual([0, 0])
    expect(after(other, marked).marks).toEqual([])
  })

  it("knows names of processes from the picture", () => {
    const page = after(fresh, arrives())
    expect([nameOf(page)("0b5f9a3e-rank0"), nameOf(page)("other"), nameOf(fresh)("x")]).toEqual(["rank0", null, null])
  })

  it("says in its title how things stand", () => {
    expect(titleOf(fresh)).toBe("Annalist")
    expect(titleOf(after(fresh, arrives()))).toBe("Missing rank · node-7 · Annalist")
    expect(titleOf(after(fresh, arrives(), chosen("5"), unreachable))).toBe(
      "disconnected · past · Missing rank · node-7 · Annalist",
    )
  })
})

describe("where the reader is", () => {
  it("is what the address says when it says a time", () => {
    expect(wantedMillis(after(fresh, chosen(firstAt)))).toBe(Date.parse(firstAt))
  })
  it("is what the agent says of a position", () => {
    const going = after(fresh, chosen("500"))
    expect(wantedMillis(going)).toBeNull()
    expect(wantedMillis(after(going, arrives({ at: "500", state: state({ at: firstAt }) })))).toBe(Date.parse(firstAt))
  })
  it("is known of a mark before the agent has said anything", () => {
    const mark = { position: 500, millis: 77, tone: "start", words: "booted", process: null } as const
    expect(wantedMillis({ ...after(fresh, arrives(), chosen("500")), marks: [mark] })).toBe(77)
  })
  it("is never the moment before", () => {
    const page = after(fresh, chosen("500"), arrives({ at: "500" }), chosen("400"))
    expect(wantedMillis(page)).toBeNull()
  })
  it("stands on the bar where the views are until it is known", () => {
    const extent = { firstPosition: 1, firstMillis: 0, headMillis: 9 }
    const page = after(fresh, chosen("500"), arrives({ at: "500", state: state({ at: firstAt }) }), chosen("400"))
    expect([shownMillis(page, extent), shownMillis(fresh, extent)]).toEqual([Date.parse(firstAt), 9])
    expect(shownMillis(after(fresh, chosen("500")), extent)).toBe(9)
  })
  it("is nowhere in particular when live", () => expect(wantedMillis(after(fresh, arrives()))).toBeNull())
})

describe("what is announced", () => {
  const said = (page: PageState) => page.announcement.text

  it("is the verdict, once: not again for every second that it ages", () => {
    const page = after(fresh, arrives())
    expect(said(page)).toMatch(/^Missing rank: rank 2/)
    const older = after(page, arrives({ verdict: answered(verdict({ age_seconds: 96, sentence: "… for 96 s" })) }))
    expect(said(older)).toBe(said(page))
  })
  it("is news when the verdict turns", () => {
    const page = after(fresh, arrives(), arrives({ verdict: answered(healthy()) }))
    expect(said(page)).toMatch(/^healthy: 4 of 4/)
  })
  it("is no news when the healthy go on", () => {
    const page = after(fresh, arrives({ verdict: answered(healthy()) }))
    const next = after(page, arrives({ verdict: answered(healthy({ ordinal: 401, sentence: "healthy: more" })) }))
    expect(said(next)).toBe(said(page))
  })
  it("says when it is of the past", () => {
    const page = after(fresh, arrives(), chosen("5"), arrives({ at: "5" }))
    expect(said(page)).toMatch(/^At a past moment. Missing rank/)
  })
  it("stays when the verdict cannot be read", () => {
    const page = after(fresh, arrives())
    expect(said(after(page, arrives({ verdict: { _tag: "Refused", detail: "no", status: 404 } })))).toBe(said(page))
  })
})
