// annalist verify FILE|DIR: is it what was written, and if not, exactly where.

import { join } from "node:path"
import { Effect } from "effect"
import { repairCopy } from "../../log/verify/repairCopy.ts"
import type { Damage } from "../../session/Damage.ts"
import { type Verification, verifySession } from "../../session/verifySession.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import * as Progress from "../Progress.ts"
import { failed } from "../Failure.ts"
import { quietly, runToEnd } from "../running.ts"
import { columns, plain } from "../text.ts"

const shownDamages = 20

export const run = (invocation: Invocation): Promise<number> => {
  const { operands, switches, terminal, values } = invocation
  const [path = ""] = operands
  const target = values.get("repair-copy")
  if (target !== undefined) return runToEnd(repaired(path, target, invocation), terminal, quietly)
  const program = Effect.gen(function* () {
    const bar = Progress.make(terminal, `verifying ${path}`)
    const found = yield* verifySession(path, bar.at).pipe(Effect.ensuring(Effect.sync(bar.end)))
    yield* Effect.promise(() => terminal.out(switches.has("json") ? jsonOf(found) : textOf(found)))
    return found.intact ? exitCodes.fine : exitCodes.damaged
  })
  return runToEnd(program, terminal, quietly)
}

/** The target becomes a data directory. Its log has another id: what was lost makes it another history. */
const repaired = (path: string, target: string, { switches, terminal }: Invocation) =>
  Effect.gen(function* () {
    const made = yield* repairCopy(path, join(target, "log")).pipe(
      Effect.mapError((error) => failed(`${plain(path)}: ${error.reason}; ${error.advice}`)),
    )
    const text = switches.has("json")
      ? `${JSON.stringify({ source: made.source, target: made.target, head: made.head, lost: made.lost, damage: made.damage })}\n`
      : `${plain(target)} holds what is whole of ${plain(made.source)}, up to position ${made.head}; ${lossOf(made.lost)}\n`
    yield* Effect.promise(() => terminal.out(text))
    return made.lost.length === 0 ? exitCodes.fine : exitCodes.damaged
  })

const lossOf = (lost: ReadonlyArray<{ readonly first: number; readonly last: number }>): string =>
  lost.length === 0
    ? "nothing was lost"
    : `lost are the positions ${lost.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(", ")}`

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
