// Commands decided one at a time and written many at once: retries, order, and what a write of unknown outcome leaves behind.

import { it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { describe, expect } from "vitest"
import { Commands } from "../../src/commands/Commands.ts"
import * as DecidedCommands from "../../src/commands/DecidedCommands.ts"
import { Secrets } from "../../src/commands/Secrets.ts"
import { CommandId, ProcessId } from "../../src/domain/Brands.ts"
import type { ProcessSpec } from "../../src/domain/events/ProcessEvents.ts"
import type { BootProcess } from "../../src/domain/processes/ProcessCommand.ts"
import { EventLog, OutcomeUnknown } from "../../src/log/EventLog.ts"
import * as MemoryEventLog from "../../src/log/memory/MemoryEventLog.ts"

const caller = { actor: "test" }
const spec: ProcessSpec = {
  name: "job",
  kind: "script",
  argv: ["/bin/true"],
  workingDirectory: "/",
  env: null,
  user: "somebody",
  session: null,
  treeId: null,
  host: "here",
  logPath: null,
  scriptPath: null,
}
const boot = (name: string, kind: ProcessSpec["kind"] = "process"): BootProcess => ({
  _tag: "BootProcess",
  id: CommandId(`boot-${name}`),
  process: ProcessId(name),
  spec: { ...spec, kind },
  environment: null,
})

const kept = new Set<string>()
const secrets = Layer.succeed(Secrets, {
  keep: (process) => Effect.sync(() => void kept.add(process)),
  of: () => Effect.succeed(null),
  forget: (process) => Effect.sync(() => void kept.delete(process)),
})

const over = <E>(log: Layer.Layer<EventLog, E>) =>
  DecidedCommands.layer.pipe(Layer.provide(secrets), Layer.provideMerge(log))

/** A log whose writes wait at a gate, and end as the test wants. */
const gated = (gate: Deferred.Deferred<void, OutcomeUnknown>) =>
  Layer.effect(
    EventLog,
    Effect.map(EventLog, (log) => ({
      ...log,
      enqueue: (batch: Parameters<typeof log.enqueue>[0]) =>
        Effect.map(log.enqueue(batch), (durable) => Effect.zipRight(Deferred.await(gate), durable)),
    })),
  ).pipe(Layer.provide(MemoryEventLog.layer()))

describe("a command", () => {
  it.live("that is offered again is answered with its first outcome, not turned down", () =>
    Effect.gen(function* () {
      const commands = yield* Commands
      const first = yield* commands.submit(boot("one", "script"), caller)
      expect(yield* commands.submit(boot("one", "script"), caller)).toEqual(first)
      const other = yield* Effect.flip(commands.submit(boot("two", "script"), caller))
      expect(other._tag).toBe("ProcessAlreadyRunning")
    }).pipe(Effect.provide(over(MemoryEventLog.layer()))),
  )

  it.live("is decided on what was decided before it, durable or not, and answered when that is", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void, OutcomeUnknown>()
      yield* Effect.gen(function* () {
        const commands = yield* Commands
        const answered: Array<string> = []
        const ask = (name: string) =>
          Effect.fork(
            commands.submit(boot(name, "script"), caller).pipe(
              Effect.either,
              Effect.tap((answer) => Effect.sync(() => answered.push(`${name} ${answer._tag}`))),
            ),
          )
        const one = yield* ask("one")
        yield* Effect.sleep(5)
        const many = yield* Effect.forEach(["a", "b", "c"], (name) => Effect.fork(commands.submit(boot(name), caller)))
        yield* Effect.sleep(5)
        expect(answered).toEqual([])
        const two = yield* ask("two")
        yield* Deferred.succeed(gate, undefined)
        for (const fiber of [one, two]) yield* Fiber.join(fiber)
        yield* Fiber.joinAll(many)
        expect(answered.toSorted()).toEqual(["one Right", "two Left"])
      }).pipe(Effect.provide(over(gated(gate))))
    }),
  )

  it.live("whose write has no known outcome does not stay in the state that others are decided on", () =>
    Effect.gen(function* () {
      const log = Layer.effect(
        EventLog,
        Effect.map(EventLog, (inner) => {
          let broken = true
          return {
            ...inner,
            enqueue: (batch: Parameters<typeof inner.enqueue>[0]) =>
              Effect.suspend(() => {
                if (!broken) return inner.enqueue(batch)
                broken = false
                return Effect.succeed(Effect.fail(new OutcomeUnknown({ reason: "the disk failed" })))
              }),
          }
        }),
      ).pipe(Layer.provide(MemoryEventLog.layer()))
      yield* Effect.gen(function* () {
        const commands = yield* Commands
        const failed = yield* Effect.flip(commands.submit(boot("one", "script"), caller))
        expect(failed._tag).toBe("CommandOutcomeUnknown")
        yield* commands.submit(boot("two", "script"), caller)
      }).pipe(Effect.provide(over(log)))
    }),
  )

  it.live("that is turned down leaves no environment behind", () =>
    Effect.gen(function* () {
      const commands = yield* Commands
      yield* commands.submit({ ...boot("one", "script"), environment: { A: "b" } }, caller)
      yield* Effect.flip(commands.submit({ ...boot("two", "script"), environment: { A: "b" } }, caller))
      expect(Array.from(kept)).toEqual(["one"])
    }).pipe(Effect.provide(over(MemoryEventLog.layer()))),
  )
})
