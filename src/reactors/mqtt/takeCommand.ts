// A command from the broker: the task as it is posted to /tasks, for this proplet or for any.

import { randomUUID } from "node:crypto"
import { Effect, Either } from "effect"
import { Commands } from "../../commands/Commands.ts"
import { CommandId, ProcessId } from "../../domain/Brands.ts"
import type { ProfileName } from "../../domain/tasks/Profile.ts"
import { read } from "../../domain/tasks/readTask.ts"
import { now } from "../../domain/Moment.ts"
import { taskMetrics } from "../../projections/taskMetrics.ts"
import { Views } from "../../projections/Views.ts"
import { objectIn } from "./Ears.ts"

interface Taker {
  readonly proplet: string
  readonly profile: ProfileName
  readonly profileInterval: number | null
  readonly shownNames: ReadonlyArray<string>
}

const mostBytes = 1_048_576
const graceMillis = 10_000
const refusalMillis = 100
const caller = { actor: "mqtt" }

/** Whatever is wrong with it is in the log: nobody waits for an answer. */
export const take = (
  act: "start" | "stop",
  payload: Uint8Array,
  taker: Taker,
): Effect.Effect<void, never, Commands | Views> =>
  Effect.gen(function* () {
    const said = payload.length > mostBytes ? null : objectIn(Buffer.from(payload).toString("utf8"))
    if (said === null) return yield* refused(act, `no JSON object of up to ${mostBytes} bytes`)
    const { proplet_id: wanted } = said
    if (wanted !== undefined && wanted !== null && wanted !== "" && wanted !== taker.proplet) return
    const done = act === "start" ? start(said, taker) : stop(said)
    yield* Effect.catchAll(done, (error) => refused(act, error.message))
  }).pipe(Effect.catchAll((error) => Effect.logWarning(`a command from the broker is lost: ${error.message}`)))

const start = Effect.fn("mqtt.start")(function* (said: Readonly<Record<string, unknown>>, taker: Taker) {
  const commands = yield* Commands
  const { proplet_id: _, start: __, ...task } = said
  const asked = read(task, { ...taker, task: randomUUID(), process: ProcessId(randomUUID()) })
  if (Either.isLeft(asked)) return yield* refused("start", asked.left)
  const { definition } = asked.right
  yield* commands.submit({ _tag: "DefineTask", id: freshId(), ...asked.right, start: true }, caller).pipe(
    // Known from before: it is only started, as it was first given.
    Effect.catchTag("TaskAlreadyExists", () =>
      commands.submit({ _tag: "StartTask", id: freshId(), task: definition.task }, caller),
    ),
  )
})

const stop = Effect.fn("mqtt.stop")(function* (said: Readonly<Record<string, unknown>>) {
  const commands = yield* Commands
  const views = yield* Views
  const id = said["id"] ?? said["task_id"]
  const task = (yield* views.at(now)).state(taskMetrics).tasks.byId.get(String(id))
  if (task === undefined)
    return yield* refused("stop", `no task has the id ${JSON.stringify(String(id).slice(0, 100))}`)
  const { process } = task.definition
  yield* commands.submit({ _tag: "StopProcess", id: freshId(), process, signal: "SIGTERM", graceMillis }, caller)
})

const refused = (act: string, reason: string) =>
  Effect.gen(function* () {
    const commands = yield* Commands
    yield* commands.record(
      [{ _tag: "CommandRefused", command: `control/manager/${act}`, reason: reason.slice(0, 500) }],
      caller,
    )
    // Anybody may send nonsense without end; the record of it is for ever.
    yield* Effect.sleep(refusalMillis)
  })

const freshId = () => CommandId(randomUUID())
