// POST /api/processes/{pid}/kill: SIGTERM, then SIGKILL after a while; a managed process with its whole tree, any other alone.

import { randomUUID } from "node:crypto"
import { Effect, Schema } from "effect"
import { Commands } from "../../../commands/Commands.ts"
import { CommandId } from "../../../domain/Brands.ts"
import { now } from "../../../domain/Moment.ts"
import { byPid, isAlive, type ManagedProcess } from "../../../domain/processes/Processes.ts"
import * as awaiting from "../../../projections/awaiting.ts"
import { processes } from "../../../projections/processes.ts"
import { Views } from "../../../projections/Views.ts"
import { KillRequest } from "../../../wire/monitor.ts"
import { ofCommandError, ofReading, ofSubmitting } from "../../problems.ts"
import type { Answer, RouteRequest } from "../../Route.ts"
import { notFound, pidOf, rowOf } from "./asking.ts"
import { outcomeOf } from "./inspecting.ts"

/** After SIGTERM; the two seconds after SIGKILL and what the log takes come on top. */
const graceMillis = 3000
const waitMillis = 10_000

const isRequest = Schema.is(KillRequest)

export const kill = Effect.fn("POST /api/processes/{pid}/kill")(function* (request: RouteRequest) {
  const pid = pidOf(request)
  if (pid === null) return notFound(request)
  const body = request.body ?? {}
  if (!isRequest(body)) return failed(pid, 'The body must be {"force": true} or {"force": false}')
  const force = body.force ?? false
  const views = yield* Views
  const view = yield* Effect.mapError(views.at(now), ofReading)
  const managed = byPid(view.state(processes), pid)
  if (managed !== null && isAlive(managed)) return yield* endManaged(managed, pid, force, request.caller.actor)
  const commands = yield* Commands
  const startTicks = rowOf(view, pid)?.facts.startTicks ?? null
  const { position } = yield* commands
    .record([{ _tag: "HostProcessEndRequested", pid, startTicks, force }], { actor: request.caller.actor })
    .pipe(Effect.mapError(ofCommandError))
  const found = yield* outcomeOf("HostProcessEnded", position, waitMillis)
  if (found === null) return failed(pid, `Failed to kill process: nothing became of it within ${waitMillis / 1000} s`)
  const { name, outcome, reason } = found.event
  switch (outcome) {
    case "terminated":
    case "killed":
      return ended(pid, name ?? "?", outcome === "killed", force)
    case "gone":
      return failed(pid, "Process not found or already terminated")
    case "forbidden":
      return failed(pid, "Permission denied - insufficient privileges (may need root)")
    case "refused":
      return failed(pid, `Failed to kill process: ${reason ?? "nobody knows why"}`)
  }
})

const endManaged = Effect.fn("monitor.endManaged")(function* (
  managed: ManagedProcess,
  pid: number,
  force: boolean,
  actor: string,
) {
  const commands = yield* Commands
  const signal = force ? "SIGKILL" : "SIGTERM"
  const command = { _tag: "StopProcess", process: managed.id, signal, graceMillis } as const
  const asked = commands.submit({ ...command, id: CommandId(randomUUID()) }, { actor })
  const { position } = yield* Effect.mapError(asked, ofSubmitting)
  const over = yield* awaiting.over(managed.id, position, graceMillis + awaiting.forceMillis).pipe(
    Effect.catchTag("StillUndecided", () => Effect.succeed(managed)),
    Effect.mapError(ofReading),
  )
  if (over !== null && isAlive(over)) return failed(pid, "Failed to kill process: it is still there")
  return ended(pid, managed.spec.name, !force && over?.lastSignal === "SIGKILL", force)
})

const ended = (pid: number, name: string, fellBack: boolean, force: boolean): Answer => {
  const how = fellBack ? "force killed after timeout" : "terminated successfully"
  const message = `Process ${name} (PID: ${pid}) ${how}`
  return { status: 200, body: { success: true, message, pid, name, forced: force || fellBack } }
}

const failed = (pid: number, error: string): Answer => ({ status: 400, body: { success: false, error, pid } })
