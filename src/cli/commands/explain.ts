// annalist explain [FILE|DIR|URL]: the verdict on the collectives, in a sentence; the same answer as /v1/ccl/verdict, to the byte.

import { Effect } from "effect"
import * as FetchHandler from "../../http/fetchHandler.ts"
import type { RouteNeeds } from "../../http/Route.ts"
import { openSession } from "../../session/openSession.ts"
import type { CommunicatorVerdict, VerdictAnswer } from "../../wire/verdict.ts"
import { agentOf, defaultUrl, get, textOf } from "../client.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { type Failure, failed, wrongUsage } from "../Failure.ts"
import * as Progress from "../Progress.ts"
import { routeSettings, needsOf } from "../recording.ts"
import { quietly, runToEnd } from "../running.ts"
import { columns, plain } from "../text.ts"

const path = "/v1/ccl/verdict"

export const run = (invocation: Invocation): Promise<number> => {
  const { operands, switches, terminal } = invocation
  const source = operands[0] ?? defaultUrl
  const program = Effect.gen(function* () {
    const text = yield* /^https?:\/\//.test(source) ? fromAgent(invocation, source) : fromRecording(invocation, source)
    const answer = yield* Effect.try({
      try: () => JSON.parse(text) as VerdictAnswer,
      catch: () => failed(`${source} answers something else than a verdict`),
    })
    yield* Effect.promise(() => terminal.out(switches.has("json") ? text : readable(answer)))
    return answer.verdict === "healthy" ? exitCodes.fine : exitCodes.notHealthy
  })
  return runToEnd(Effect.scoped(program), terminal, quietly)
}

const fromAgent = (invocation: Invocation, url: string): Effect.Effect<string, Failure> =>
  Effect.gen(function* () {
    const agent = yield* agentOf(url, invocation)
    return yield* textOf(yield* get(agent, path, { at: invocation.values.get("at") }))
  })

/** The very route that an agent has, over the recording. */
const fromRecording = ({ values, terminal }: Invocation, source: string) =>
  Effect.gen(function* () {
    const bar = Progress.make(terminal, `reading ${source}`)
    const opened = yield* openSession(source, bar.at).pipe(Effect.ensuring(Effect.sync(bar.end)))
    if (opened.notice !== null) terminal.err(`annalist: ${plain(opened.notice)}\n`)
    const runtime = yield* Effect.provide(Effect.runtime<RouteNeeds>(), needsOf(opened))
    const handler = FetchHandler.make(runtime, { ...routeSettings(), page: null })
    const at = values.get("at")
    const query = at === undefined ? "" : `?at=${encodeURIComponent(at)}`
    const response = yield* Effect.promise(() => handler(new Request(`http://recording${path}${query}`)))
    const text = yield* textOf(response)
    if (response.ok) return text
    const { detail } = JSON.parse(text) as { readonly detail?: string }
    return yield* response.status < 500 ? wrongUsage(detail ?? text) : failed(detail ?? text)
  })

const readable = (answer: VerdictAnswer): string => {
  const rows = answer.all.map(rowOf)
  const table = answer.all.some(({ communicator }) => communicator !== null)
    ? `\n${columns([["COMMUNICATOR", "RANKS", "VERDICT", "OPERATION", "WAITING", "AGE", "CONFIDENCE"], ...rows])}`
    : ""
  const looks = answer.examined.map(lookOf).join("")
  const missing = answer.missing_evidence.map((one) => `${plain(one)}\n`).join("")
  return `${plain(answer.sentence)}\n${table}${looks === "" ? "" : `\n${looks}`}${missing === "" ? "" : `\nnot known: ${missing}`}`
}

/** What a close look at a process found, and the last that it said. */
const lookOf = (look: CommunicatorVerdict["examined"][number]): string => {
  const { rank, pid, state, wait_channel: channel, cpu_percent: cpu, kernel_stack: stack, output } = look
  const facts = [
    state === null ? "is not there any more" : `state ${state}`,
    ...(channel === null ? [] : [`waits in ${plain(channel)}`]),
    ...(cpu === null ? [] : [`${cpu} % of a core`]),
    ...(stack.length === 0 ? [] : [`kernel: ${plain(stack.slice(0, 4).join(" < "))}`]),
  ]
  const said = output.at(-1)
  return `rank ${rank} (pid ${pid}): ${facts.join(", ")}${said === undefined ? "" : `; last output: ${plain(said)}`}\n`
}

const rowOf = (one: CommunicatorVerdict): ReadonlyArray<string> => [
  one.communicator?.id ?? "-",
  one.communicator === null ? "-" : String(one.communicator.size),
  one.verdict,
  one.op === null ? "-" : `${one.op}${one.ordinal === null ? "" : ` #${one.ordinal}`}`,
  one.waiting.length === 0 ? "-" : one.waiting.join(","),
  one.age_seconds === null ? "-" : `${Math.round(one.age_seconds)} s`,
  one.confidence.toFixed(2),
]
