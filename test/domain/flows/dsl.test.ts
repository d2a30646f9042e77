import { Either, FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import { idOf, read, write } from "../../../src/domain/flows/dsl.ts"
import { readText, writeText } from "../../../src/domain/flows/dslText.ts"
import { definition } from "./given.ts"

const text = `
flow_id: data_processing
routines:
  ingest: { class: demo.Ingest, config: { size: 3 } }
  process:
    class: demo.Process
    error_handler: { strategy: retry, max_retries: 5 }
connections:
  - from: ingest.data_ingested
    to: process.data_ingested
    param_mapping: { data: items }
execution: { strategy: concurrent, timeout: 300, max_workers: 8 }
`

const issuesOf = (text: string) => Either.getOrThrow(Either.flip(readText(text)))

describe("a flow as it is written", () => {
  it("is read from YAML with all its parts", () => {
    expect(Either.getOrThrow(readText(text))).toEqual({
      flow: "data_processing",
      definition: {
        routines: {
          ingest: { className: "demo.Ingest", config: { size: 3 }, errorHandler: null },
          process: {
            className: "demo.Process",
            config: {},
            errorHandler: { strategy: "retry", maxRetries: 5, retryDelaySeconds: 1, backoff: 2 },
          },
        },
        connections: [
          {
            id: "ingest.data_ingested->process.data_ingested",
            sourceRoutine: "ingest",
            sourceEvent: "data_ingested",
            targetRoutine: "process",
            targetSlot: "data_ingested",
            mapping: { data: "items" },
          },
        ],
        strategy: "concurrent",
        maxWorkers: 8,
        timeoutSeconds: 300,
        monitored: true,
        durable: true,
      },
    })
  })

  it("comes back as it was written, as YAML and as JSON", () => {
    const ids = FastCheck.stringMatching(/^[a-z][a-z0-9_.]{0,8}[a-z]$/)
    const drafts = FastCheck.record({
      routines: FastCheck.dictionary(
        ids,
        FastCheck.record({
          className: ids,
          config: FastCheck.dictionary(FastCheck.stringMatching(/^[a-z]{1,5}$/), FastCheck.string()),
          errorHandler: FastCheck.constantFrom(null, {
            strategy: "retry" as const,
            maxRetries: 2,
            retryDelaySeconds: 0.5,
            backoff: 1.5,
          }),
        }),
        { noNullPrototype: true },
      ),
      strategy: FastCheck.constantFrom("sequential" as const, "concurrent" as const),
      maxWorkers: FastCheck.integer({ min: 1, max: 100 }),
      timeoutSeconds: FastCheck.constantFrom(null, 0.5, 300),
      monitored: FastCheck.boolean(),
      durable: FastCheck.boolean(),
    })
    FastCheck.assert(
      FastCheck.property(drafts, FastCheck.constantFrom("yaml" as const, "json" as const), (draft, format) => {
        const whole = { ...definition, ...draft, connections: definition.connections }
        const back = Either.getOrThrow(readText(writeText("f", whole, format)))
        const connections = whole.connections.map((one) => ({
          ...one,
          id: idOf(one.sourceRoutine, one.sourceEvent, one.targetRoutine, one.targetSlot),
        }))
        expect(back).toEqual({ flow: "f", definition: { ...whole, connections } })
      }),
      { numRuns: 100 },
    )
  })

  it("is refused with every fault and its place", () => {
    const wrong = {
      routines: { a: {}, b: "x" },
      connections: [{ from: "a", to: ".b" }],
      execution: { strategy: "fast", max_workers: 0 },
    }
    expect(Either.getOrThrow(Either.flip(read(wrong)))).toEqual([
      "execution.strategy: one of sequential, concurrent is expected",
      "execution.max_workers: a whole number from 1 to 1000 is expected",
      "routines.a.class: a dotted class name is expected",
      "routines.b: an object is expected",
      "routines.b.class: a dotted class name is expected",
      "connections[0].from: routine.event is expected",
      "connections[0].to: routine.slot is expected",
    ])
    expect(issuesOf("a: [1").join()).toMatch(/at line 1/)
    expect(issuesOf("a: 1\na: 2").join()).toMatch(/unique/)
    expect(issuesOf("just a text").join()).toBe("the flow: an object is expected")
  })

  it("is refused when its names for parts would make it huge", () => {
    const bomb = Array.from(
      { length: 9 },
      (_, n) =>
        `l${n}: &l${n} [${
          n === 0
            ? "x"
            : Array(9)
                .fill(`*l${n - 1}`)
                .join(", ")
        }]`,
    )
    expect(issuesOf(bomb.join("\n")).join()).toMatch(/alias/)
  })

  it("writes nothing that is as it would be anyway", () => {
    expect(write("f", { ...definition, routines: {}, connections: [] })).toEqual({
      flow_id: "f",
      routines: {},
      connections: [],
      execution: { strategy: "sequential", timeout: null, max_workers: 1 },
    })
  })
})
