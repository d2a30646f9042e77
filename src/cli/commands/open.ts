// annalist open FILE|DIR: the API and the page over a recording, until a signal ends it.

import { Effect } from "effect"
import { openSession } from "../../session/openSession.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import * as Progress from "../Progress.ts"
import { needsOf } from "../recording.ts"
import { runToEnd } from "../running.ts"
import { serveRecording } from "../serveRecording.ts"
import { load } from "../settings/load.ts"
import { plain } from "../text.ts"

export const run = async (invocation: Invocation): Promise<number> => {
  const { operands, terminal } = invocation
  const [path = ""] = operands
  const settings = load(invocation, { port: "0" })
  if (settings === null) return exitCodes.wrongUsage
  const program = Effect.gen(function* () {
    const bar = Progress.make(terminal, `reading ${path}`)
    const opened = yield* openSession(path, bar.at).pipe(Effect.ensuring(Effect.sync(bar.end)))
    if (opened.notice !== null) yield* Effect.logWarning(opened.notice)
    yield* serveRecording(invocation, settings, needsOf(opened), {
      data: path,
      line: (http) => `${plain(path)} is open, read-only, at ${http}`,
    })
    return yield* Effect.never
  })
  return runToEnd(Effect.scoped(program), terminal, {
    format: settings.logFormat,
    level: settings.logLevel,
    onSignal: exitCodes.fine,
  })
}
