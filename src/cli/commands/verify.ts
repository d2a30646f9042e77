// annalist verify FILE|DIR: is it what was written, and if not, exactly where.

import { Effect } from "effect"
import type { Damage } from "../../session/Damage.ts"
import { type Verification, verifySession } from "../../session/verifySession.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import * as Progress from "../Progress.ts"
import { quietly, runToEnd } from "../running.ts"
import { columns, plain } from "../text.ts"

const shownDamages = 20

export const run = ({ operands, switches, terminal }: Invocation): Promise<number> => {
  const [path = ""] = operands
  const program = Effect.gen(function* () {
    const bar = Progress.make(terminal, `verifying ${path}`)
    const found = yield* verifySession(path, bar.at).pipe(Effect.ensuring(Effect.sync(bar.end)))
    yield* Effect.promise(() => terminal.out(switches.has("json") ? jsonOf(found) : textOf(found)))
    return found.intact ? exitCodes.fine : exitCodes.damaged
  })
  return runToEnd(program, terminal, quietly)
}

const jsonOf = ({ damageCount, ...found }: Verification): string =>
  `${JSON.stringify({ ...found, damage_count: damageCount })}\n`

const textOf = (found: Verification): string => {
  const sentence = `${plain(found.sentence)}\n`
  if (found.damage.length < 2) return sentence
  const rows = found.damage.slice(0, shownDamages).map(rowOf)
  const more = found.damageCount - rows.length
  return `${sentence}${columns([["LINE", "POSITIONS", "WHAT"], ...rows])}${more > 0 ? `and ${more} more; --json lists up to 1000\n` : ""}`
}

const rowOf = ({ line, from, to, reason }: Damage): ReadonlyArray<string> => [
  line === null ? "-" : String(line),
  from === null ? "-" : from === to ? String(from) : `${from}-${to}`,
  reason,
]
