// annalist diff A B: where two recordings part, and what takes longer in the second.

import { Effect } from "effect"
import type { Envelope } from "../../domain/Envelope.ts"
import { dataOf, typeOf } from "../../domain/Event.ts"
import { type Difference, diffSessions } from "../../session/diff/diffSessions.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { wrongUsage } from "../Failure.ts"
import * as Progress from "../Progress.ts"
import { quietly, runToEnd } from "../running.ts"
import { columns, plain } from "../text.ts"

const failures = ["divergence", "slower"]

export const run = ({ operands, switches, values, terminal }: Invocation): Promise<number> => {
  const [before = "", after = ""] = operands
  const program = Effect.gen(function* () {
    const failOn = (values.get("fail-on") ?? "").split(",").filter((one) => one !== "")
    const unknown = failOn.find((one) => !failures.includes(one))
    if (unknown !== undefined)
      return yield* wrongUsage(`--fail-on takes ${failures.join(", ")} or both, not "${unknown}"`)
    const bar = Progress.make(terminal, `comparing ${before} and ${after}`)
    const found = yield* diffSessions(before, after, bar.at).pipe(Effect.ensuring(Effect.sync(bar.end)))
    for (const notice of found.notices) terminal.err(`annalist: ${plain(notice)}\n`)
    yield* Effect.promise(() => terminal.out(switches.has("json") ? jsonOf(found) : textOf(found)))
    const fails =
      (failOn.includes("divergence") && found.divergence !== null) ||
      (failOn.includes("slower") && found.changes.some(({ verdict }) => verdict === "slower"))
    return fails ? exitCodes.notHealthy : exitCodes.fine
  })
  return runToEnd(Effect.scoped(program), terminal, quietly)
}

const jsonOf = ({ divergence, changes }: Difference): string =>
  `${JSON.stringify({
    divergence:
      divergence === null
        ? null
        : { course: divergence.course, a: eventOf(divergence.before), b: eventOf(divergence.after) },
    changes: changes.map(({ group, counts, medians, ratio, effect, verdict }) => ({
      group,
      count_a: counts[0],
      count_b: counts[1],
      median_us_a: medians[0],
      median_us_b: medians[1],
      ratio,
      effect,
      verdict,
    })),
  })}\n`

const eventOf = (envelope: Envelope | null) =>
  envelope === null ? null : { position: envelope.position, type: typeOf(envelope.event), data: dataOf(envelope.event) }

const textOf = ({ divergence, changes }: Difference): string => {
  const parting =
    divergence === null
      ? "the same happened in both, but for times and ids\n"
      : `they part in ${plain(divergence.course)}:\n  A ${lineOf(divergence.before)}\n  B ${lineOf(divergence.after)}\n`
  const rows = changes.map(({ group, counts, medians, ratio, effect, verdict }) => [
    group,
    counts.join(" / "),
    medians.map((micros) => (micros / 1000).toFixed(3)).join(" / "),
    ratio.toFixed(2),
    effect.toFixed(2),
    verdict === "few" ? "too few to tell" : verdict,
  ])
  return rows.length === 0
    ? parting
    : `${parting}\n${columns([["GROUP", "COUNT A / B", "MEDIAN A / B, ms", "B/A", "EFFECT", "VERDICT"], ...rows])}`
}

const shownCharacters = 400

const lineOf = (envelope: Envelope | null): string =>
  envelope === null
    ? "nothing more"
    : `position ${envelope.position}: ${typeOf(envelope.event)} ${plain(JSON.stringify(dataOf(envelope.event)).slice(0, shownCharacters))}`
