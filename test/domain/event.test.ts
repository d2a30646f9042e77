import { Arbitrary, Either, FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import { dataOf, fromTypeAndData, KnownEvent, knownTypes, laneOf, typeOf } from "../../src/domain/Event.ts"

/** The door refuses this name, and JavaScript would take it for something else. */
const events = Arbitrary.make(KnownEvent).filter((event) => !JSON.stringify(event).includes("__proto__"))

describe("an event", () => {
  it("comes back from its stored name and fields as it was", () => {
    FastCheck.assert(
      FastCheck.property(events, (event) => {
        expect(fromTypeAndData(typeOf(event), dataOf(event))).toEqual(Either.right(event))
      }),
      { numRuns: 500 },
    )
  })

  it("of a newer writer is kept untouched, in the lane that never ages", () => {
    const data = { _tag: "odd", nested: { a: [1, null] } }
    const event = Either.getOrThrow(fromTypeAndData("RocketLaunched", data))
    expect(typeOf(event)).toBe("RocketLaunched")
    expect(dataOf(event)).toEqual(data)
    expect(laneOf(event)).toBe("action")
  })

  it("of a known type keeps the fields that a newer writer added", () => {
    const event = Either.getOrThrow(fromTypeAndData("AgentStopped", { reason: "SIGTERM", mood: "calm" }))
    expect(dataOf(event)).toEqual({ reason: "SIGTERM", mood: "calm" })
  })

  it("of a known type with fields that do not fit is named as damage", () => {
    const result = fromTypeAndData("AgentStopped", { reason: 7 })
    expect(Either.isLeft(result) && result.left.type).toBe("AgentStopped")
  })

  it("has a lane for every member of the union", () => {
    const members = new Set<string>()
    FastCheck.assert(
      FastCheck.property(events, (event) => {
        members.add(event._tag)
        expect(knownTypes).toContain(event._tag)
      }),
      { numRuns: 2000 },
    )
    expect(Array.from(members).sort()).toEqual([...knownTypes].sort())
  })
})
