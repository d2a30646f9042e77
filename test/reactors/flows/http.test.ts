// The routes of seed 003 over a flow runner: the document's example by HTTP, its debugger, and what is turned down.

import { it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { describe, expect } from "vitest"
import * as DecidedCommands from "../../../src/commands/DecidedCommands.ts"
import { Secrets } from "../../../src/commands/Secrets.ts"
import { viewAsked } from "../../../src/http/moments.ts"
import { Problem } from "../../../src/http/Problem.ts"
import type { Answer, RouteNeeds, RouteRequest } from "../../../src/http/Route.ts"
import * as RouteTable from "../../../src/http/RouteTable.ts"
import { routiluxRoutes } from "../../../src/http/routes/routilux.ts"
import { dataProcessingSteps } from "../../flows/drive.ts"
import { agent, define, demo, over, paused } from "./harness.ts"

type Body = Record<string, unknown>

const secrets = Layer.succeed(Secrets, {
  keep: () => Effect.void,
  of: () => Effect.succeed(null),
  forget: () => Effect.void,
})
const layer = DecidedCommands.layer.pipe(Layer.provideMerge(agent()), Layer.provide(secrets))

/** Asks as a client does; answers status and body. */
const client = Effect.gen(function* () {
  const context = yield* Effect.context<RouteNeeds>()
  const table = RouteTable.make(routiluxRoutes({}))
  return (method: string, target: string, body?: unknown) =>
    Effect.gen(function* () {
      const url = new URL(target, "http://localhost")
      const found = table.find(method, url.pathname)
      if (found._tag !== "Route" || found.route._tag === "Socket") return { status: 404, body: {} }
      const request: RouteRequest = {
        method,
        path: url.pathname,
        params: found.params,
        query: url.searchParams,
        headers: {},
        body,
        raw: Stream.empty,
        bytes: () => Effect.succeed(new Uint8Array()),
        caller: { actor: "test", role: "admin", peer: "127.0.0.1", peerPid: Effect.succeed(null) },
      }
      const { route } = found
      const asked: Effect.Effect<Answer, Problem> = Effect.provide(
        route._tag === "Query"
          ? Effect.flatMap(viewAsked(request), (view) => {
              const answer = route.answer(request, view)
              return answer instanceof Problem ? Effect.fail(answer) : Effect.succeed(answer)
            })
          : route.answer(request),
        context,
      )
      const answer = yield* asked.pipe(
        Effect.catchAll((problem) =>
          Effect.succeed<Answer>({ status: problem.status, body: { detail: problem.detail } }),
        ),
      )
      return { status: answer.status, body: (answer.body ?? {}) as Body }
    })
})

const entry = {
  flow_id: "data_processing",
  entry_routine_id: "ingest",
  entry_slot: "trigger",
  entry_params: { data: [1, 2, 3, 4, 5] },
}

const dsl = `
flow_id: data_processing
routines:
  ingest: { class: demo.Ingest }
  process: { class: demo.Process }
  validate: { class: demo.Validate }
connections:
  - { from: ingest.data_ingested, to: process.data_ingested }
  - { from: process.data_processed, to: validate.data_processed }
`

describe("flows by HTTP", () => {
  it.live("run the document's example: flow, job, metrics, trace", () =>
    Effect.gen(function* () {
      yield* define("other", demo)
      const ask = yield* client
      const flow = yield* ask("POST", "/api/flows", { dsl })
      expect(flow.status).toBe(201)
      expect(flow.body).toMatchObject({ flow_id: "data_processing", execution_strategy: "sequential", max_workers: 1 })
      expect((flow.body["routines"] as Body)["process"]).toEqual({
        routine_id: "process",
        class_name: "demo.Process",
        slots: ["data_ingested"],
        events: ["data_processed"],
        config: {},
      })
      expect((yield* ask("POST", "/api/flows/data_processing/validate")).body).toEqual({ valid: true, issues: [] })
      const job = yield* ask("POST", "/api/jobs", entry)
      expect(job.status).toBe(201)
      expect(Object.keys(job.body)).toEqual([
        "job_id",
        "flow_id",
        "status",
        "created_at",
        "started_at",
        "completed_at",
        "error",
      ])
      const id = String(job.body["job_id"])
      yield* over(id)
      const metrics = yield* ask("GET", `/api/jobs/${id}/metrics`)
      expect(metrics.body).toMatchObject({
        status: "completed",
        total_routines: 3,
        completed_routines: 3,
        failed_routines: 0,
        total_slot_calls: 3,
        total_event_emits: 2,
      })
      const trace = yield* ask("GET", `/api/jobs/${id}/trace?limit=100`)
      expect(trace.body["total"]).toBe(11)
      expect(
        (trace.body["events"] as ReadonlyArray<Body>).map(
          (one) => `${String(one["event_type"])} ${String(one["routine_id"])}`,
        ),
      ).toEqual(dataProcessingSteps)
      expect((yield* ask("GET", `/api/jobs/${id}/trace?limit=2`)).body["events"]).toHaveLength(2)
      expect((yield* ask("GET", "/api/flows/data_processing/metrics")).body).toMatchObject({
        total_jobs: 1,
        completed_jobs: 1,
      })
      expect((yield* ask("GET", `/api/jobs?flow_id=data_processing&status=completed`)).body["total"]).toBe(1)
      const text = yield* ask("GET", "/api/flows/data_processing/dsl?format=json")
      expect(JSON.parse(String(text.body["dsl"]))).toMatchObject({ flow_id: "data_processing" })
    }).pipe(Effect.provide(layer)),
  )

  it.live("debug a job: breakpoint, variables, call stack, steps", () =>
    Effect.gen(function* () {
      yield* define("data_processing", demo)
      const ask = yield* client
      const job = yield* ask("POST", "/api/jobs", { ...entry, paused: true })
      const id = String(job.body["job_id"])
      const at = `/api/jobs/${id}`
      yield* paused(id)
      const set = yield* ask("POST", `${at}/breakpoints`, { routine_id: "process", condition: "len(data) > 4" })
      expect([set.status, set.body["type"], set.body["hit_count"]]).toEqual([201, "slot", 0])
      expect((yield* ask("POST", `${at}/resume`)).body).toEqual({ status: "resumed", job_id: id })
      yield* paused(id)
      expect((yield* ask("GET", `${at}/breakpoints`)).body).toMatchObject({ total: 1, breakpoints: [{ hit_count: 1 }] })
      const variables = yield* ask("GET", `${at}/debug/variables`)
      expect(variables.body).toMatchObject({
        routine_id: "process",
        variables: { local: { data: [1, 2, 3, 4, 5] }, shared: {} },
      })
      const stack = yield* ask("GET", `${at}/debug/call_stack`)
      expect(stack.body["frames"]).toEqual([
        { routine_id: "process", slot_name: "data_ingested", line: 19 },
        { routine_id: "ingest", slot_name: "trigger", line: 8 },
      ])
      expect((yield* ask("PUT", `${at}/debug/variables/data`, { value: [7] })).status).toBe(200)
      expect((yield* ask("POST", `${at}/debug/step_over`)).body).toMatchObject({ status: "stepping", job_id: id })
      yield* over(id)
      expect((yield* ask("GET", `${at}/state`)).body["shared_data"]).toEqual({ processed: 1 })
      expect((yield* ask("GET", `${at}/debug/session`)).body).toEqual({ status: "no_session", job_id: id })
      expect((yield* ask("GET", `${at}/debug/variables`)).status).toBe(404)
    }).pipe(Effect.provide(layer)),
  )

  it.live("turn down what does not fit, with what is wrong", () =>
    Effect.gen(function* () {
      yield* define("data_processing", demo)
      const ask = yield* client
      const refused = (method: string, path: string, body?: unknown) =>
        Effect.map(ask(method, path, body), ({ status, body: { detail } }) => [status, detail])
      expect(yield* refused("GET", "/api/flows/gone")).toEqual([404, "Flow 'gone' not found"])
      expect(yield* refused("GET", "/api/jobs/gone/metrics")).toEqual([404, "Job 'gone' not found"])
      expect(yield* refused("POST", "/api/jobs", { ...entry, flow_id: "gone" })).toEqual([404, "Flow 'gone' not found"])
      expect((yield* refused("POST", "/api/jobs", { flow_id: 5 }))[0]).toBe(422)
      expect((yield* refused("POST", "/api/flows", { dsl: "a: [" }))[0]).toBe(422)
      expect((yield* refused("GET", "/api/flows/data_processing/dsl?format=xml"))[0]).toBe(422)
      expect(
        yield* refused("POST", "/api/flows/data_processing/routines", { routine_id: "x", class_path: "no.Such" }),
      ).toEqual([400, "Routine 'x': unknown class 'no.Such'"])
      const job = yield* ask("POST", "/api/jobs", { ...entry, paused: true })
      const at = `/api/jobs/${String(job.body["job_id"])}`
      const condition = "__import__('os')"
      expect(yield* refused("POST", `${at}/breakpoints`, { routine_id: "process", condition })).toEqual([
        422,
        "condition, at character 1: __import__ is not a name that a condition may use",
      ])
      expect((yield* refused("POST", `${at}/debug/evaluate`, { expression: "1" }))[0]).toBe(403)
      expect((yield* refused("DELETE", `${at}/breakpoints/gone`))[0]).toBe(404)
      expect((yield* ask("POST", `${at}/cancel`)).body["status"]).toBe("cancelled")
      expect((yield* refused("POST", `${at}/pause`))[0]).toBe(409)
      expect((yield* ask("DELETE", "/api/jobs?older_than=0")).body).toEqual({ removed: 1 })
      expect((yield* refused("GET", at))[0]).toBe(404)
    }).pipe(Effect.provide(layer)),
  )

  it.live("leave no trace while monitoring is off", () =>
    Effect.gen(function* () {
      yield* define("data_processing", demo)
      const ask = yield* client
      expect((yield* ask("PUT", "/api/monitoring", { enabled: false })).body["enabled"]).toBe(false)
      const job = yield* ask("POST", "/api/jobs", entry)
      const id = String(job.body["job_id"])
      yield* over(id)
      const trace = yield* ask("GET", `/api/jobs/${id}/trace`)
      const kinds = (trace.body["events"] as ReadonlyArray<Body>).map((one) => one["event_type"])
      expect(kinds).not.toContain("slot_call")
      expect((yield* ask("GET", `/api/jobs/${id}/state`)).body).toMatchObject({ monitored: false, status: "completed" })
    }).pipe(Effect.provide(layer)),
  )
})
