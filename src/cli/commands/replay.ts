// annalist replay FILE: a recorded session happens again, behind the API and the page of an agent to whom it is the present.

import { Effect } from "effect"
import type { Speed } from "../../session/replay/Playback.ts"
import { openReplay } from "../../session/replay/openReplay.ts"
import { openRecording } from "../../session/openSession.ts"
import { agentOf } from "../client.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import * as Progress from "../Progress.ts"
import { needsOf } from "../recording.ts"
import { replayTo } from "../replayTo.ts"
import { replayControls } from "../replayControls.ts"
import { quietly, runToEnd } from "../running.ts"
import { serveRecording } from "../serveRecording.ts"
import { load } from "../settings/load.ts"
import { say } from "../say.ts"
import { counted, plain } from "../text.ts"

export const run = async (invocation: Invocation): Promise<number> => {
  const { operands, switches, terminal, values } = invocation
  const [path = ""] = operands
  const settings = load(invocation, { port: "0" })
  if (settings === null) return exitCodes.wrongUsage
  const speed = speedOf(values.get("speed") ?? "1")
  if (speed === null) {
    terminal.err(
      `annalist: --speed is "${plain(values.get("speed") ?? "")}"; it takes 0.01 to 10000 times the recorded pace, or max\n`,
    )
    return exitCodes.wrongUsage
  }
  const to = values.get("to")
  if (to !== undefined) return runToEnd(Effect.scoped(sending(path, to, speed, invocation)), terminal, quietly)
  const program = Effect.gen(function* () {
    const bar = Progress.make(terminal, `reading ${path}`)
    const begin = { speed, paused: switches.has("paused") }
    const replay = yield* openReplay(path, begin, bar.at).pipe(Effect.ensuring(Effect.sync(bar.end)))
    if (replay.notice !== null) yield* Effect.logWarning(replay.notice)
    yield* serveRecording(invocation, settings, needsOf(replay), {
      data: path,
      replay,
      line: (http) => `${plain(path)} is replayed, positions ${replay.first} to ${replay.last}, at ${http}`,
    })
    yield* replayControls(replay, terminal)
    return yield* Effect.never
  })
  return runToEnd(Effect.scoped(program), terminal, {
    format: settings.logFormat,
    level: settings.logLevel,
    onSignal: exitCodes.fine,
  })
}

const sending = (path: string, to: string, speed: Speed, { terminal }: Invocation) =>
  Effect.gen(function* () {
    const agent = yield* agentOf(to, { values: new Map() })
    const { reader, notice } = yield* openRecording(path)
    if (notice !== null) yield* Effect.logWarning(notice)
    const sent = yield* replayTo(reader, agent.url, speed)
    yield* say(terminal, `${plain(path)}: ${counted(sent, "collective")} sent to ${plain(agent.url)}\n`)
    return exitCodes.fine
  })

/** Null for what is no pace. */
const speedOf = (text: string): Speed | null => {
  if (text === "max") return "max"
  const speed = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
  return speed >= 0.01 && speed <= 10_000 ? speed : null
}
