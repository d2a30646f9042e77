// annalist export: a range of a live agent's log or a data directory into a file or to standard output, in any of the formats.

import { mkdirSync } from "node:fs"
import { Effect, Stream } from "effect"
import { parse as parseMoment, type Moment } from "../../domain/Moment.ts"
import { ExportRefused, exportSession } from "../../session/exportSession.ts"
import type { Format } from "../../session/Format.ts"
import { formatNamed, isTabular } from "../../session/formats.ts"
import { openSession } from "../../session/openSession.ts"
import { tables } from "../../session/tables/tables.ts"
import { writeAside } from "../../session/writeAside.ts"
import { agentOf, bytesOf, get } from "../client.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { type Failure, failed, sentenceOf, wrongUsage } from "../Failure.ts"
import * as Progress from "../Progress.ts"
import { quietly, runToEnd } from "../running.ts"
import * as Written from "../Written.ts"

type Bytes = Stream.Stream<Uint8Array, unknown>

export const run = (invocation: Invocation): Promise<number> => {
  const { values, terminal } = invocation
  const program = Effect.gen(function* () {
    const name = values.get("format") ?? "ndjson"
    const output = yield* outputOf(invocation)
    if (isTabular(name) && output.endsWith("/")) {
      yield* Effect.sync(() => mkdirSync(output, { recursive: true }))
      for (const table of tables) {
        const format = yield* formatOf(name, table.name)
        yield* exportTo(`${output}${table.name}${format.extension.slice(table.name.length + 1)}`, format, invocation)
      }
    } else yield* exportTo(output, yield* formatOf(name, values.get("table") ?? null), invocation)
    return exitCodes.fine
  })
  return runToEnd(Effect.scoped(program), terminal, quietly)
}

const exportTo = (output: string, format: Format, invocation: Invocation) =>
  Effect.gen(function* () {
    const { values, switches, terminal } = invocation
    const bar = Progress.make(terminal, `exporting to ${output}`)
    const source = yield* values.has("data") ? fromDirectory(invocation, format) : fromAgent(invocation, format)
    const written = format.name === "ndjson" ? Written.ofSession() : Written.ofBytes()
    const seen = (chunk: Uint8Array) => {
      written.see(chunk)
      if (!terminal.errIsTerminal) return
      const { done, all } = written.progress()
      bar.at(done, all)
    }
    const whole = source.pipe(
      Stream.tap((chunk) => Effect.sync(() => seen(chunk))),
      Stream.concat(Stream.execute(Effect.suspend(() => (written.whole() ? Effect.void : cutShort)))),
    )
    yield* (
      output === "-"
        ? Stream.runForEach(whole, (chunk) => Effect.promise(() => terminal.out(chunk)))
        : writeAside(output, whole)
    ).pipe(Effect.ensuring(Effect.sync(bar.end)))
    if (output === "-") return
    const { facts, shown } = written.summary()
    const line = switches.has("json") ? JSON.stringify({ file: output, ...facts }) : `${output}: ${shown}`
    yield* Effect.promise(() => terminal.out(`${line}\n`))
  })

const cutShort = failed("the agent's answer was cut short: no whole session came")

const outputOf = ({ values }: Invocation): Effect.Effect<string, Failure> => {
  if (values.has("data") && values.has("url"))
    return wrongUsage("--data and --url are both given; an export has one source")
  const output = values.get("output")
  return output === undefined
    ? wrongUsage("-o FILE is missing: annalist export -o session.ndjson.gz writes there, -o - to standard output")
    : Effect.succeed(output)
}

const formatOf = (name: string, table: string | null): Effect.Effect<Format, Failure> => {
  const found = formatNamed(name, table)
  return typeof found === "string" ? wrongUsage(`--${found}`) : Effect.succeed(found)
}

/** The agent itself judges the range and the types, by the same rules. */
const fromAgent = (invocation: Invocation, format: Format): Effect.Effect<Bytes, Failure> =>
  Effect.gen(function* () {
    const { values } = invocation
    const agent = yield* agentOf(values.get("url"), invocation)
    const range = { from: values.get("from"), to: values.get("to"), types: values.get("types") }
    const query = { ...range, format: format.name, table: format.table?.name }
    return bytesOf(yield* get(agent, "/v1/export", query))
  })

const fromDirectory = (invocation: Invocation, format: Format) =>
  Effect.gen(function* () {
    const { values } = invocation
    const from = yield* momentOf("from", values.get("from"))
    const to = yield* momentOf("to", values.get("to"))
    const opened = yield* openSession(values.get("data") ?? "")
    const types =
      values
        .get("types")
        ?.split(",")
        .filter((type) => type !== "") ?? null
    const { bytes } = yield* exportSession({ from, to, types, format }).pipe(
      Effect.provide(opened.layer),
      Effect.mapError((error) =>
        error instanceof ExportRefused ? wrongUsage(error.reason) : failed(sentenceOf(error)),
      ),
    )
    return bytes
  })

const momentOf = (name: string, text: string | undefined): Effect.Effect<Moment | null, Failure> => {
  if (text === undefined) return Effect.succeed(null)
  return Effect.mapError(parseMoment(text), (reason) => wrongUsage(`--${name}: ${reason}`))
}
