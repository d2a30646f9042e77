// Log records on stderr: one line of JSON each for machines, a readable line for a person.

import { Cause, HashMap, Layer, Logger, LogLevel } from "effect"
import type { Settings } from "./settings/table.ts"
import type { Terminal } from "./Terminal.ts"

export interface LogOptions {
  readonly format: Settings["logFormat"]
  readonly level: Settings["logLevel"]
}

const levels: Readonly<Record<Settings["logLevel"], LogLevel.LogLevel>> = {
  debug: LogLevel.Debug,
  info: LogLevel.Info,
  warning: LogLevel.Warning,
  error: LogLevel.Error,
}

export const layer = (terminal: Terminal, options: LogOptions): Layer.Layer<never> => {
  const json = options.format === "json" || (options.format === "auto" && !terminal.errIsTerminal)
  const line = json ? jsonLine : textLine
  const logger = Logger.make<unknown, void>((record) => terminal.err(`${line(record)}\n`))
  return Layer.merge(Logger.replace(Logger.defaultLogger, logger), Logger.minimumLogLevel(levels[options.level]))
}

type Entry = Logger.Logger.Options<unknown>

const jsonLine = (record: Entry): string =>
  JSON.stringify({
    time: record.date.toISOString(),
    level: record.logLevel.label.toLowerCase(),
    message: messageOf(record),
    ...annotationsOf(record),
    ...(Cause.isEmpty(record.cause) ? {} : { cause: Cause.pretty(record.cause, { renderErrorCause: true }) }),
  })

/** A cause takes lines of its own, set in. What others wrote cannot begin a line: control characters are shown as such. */
const textLine = (record: Entry): string => {
  const annotations = Object.entries(annotationsOf(record)).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
  const cause = Cause.isEmpty(record.cause) ? "" : `\n${Cause.pretty(record.cause, { renderErrorCause: true })}`
  const time = record.date.toISOString().slice(11, 23)
  return `${time} ${record.logLevel.label.toLowerCase()}: ${oneLine(messageOf(record))}${annotations.join("")}${cause.replaceAll("\n", "\n    ")}`
}

const messageOf = ({ message }: Entry): string =>
  (Array.isArray(message) ? message : [message])
    .map((part: unknown) => (typeof part === "string" ? part : part instanceof Error ? part.message : shown(part)))
    .join(" ")

const annotationsOf = ({ annotations }: Entry): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    HashMap.toEntries(annotations).map(([key, value]) => [key, typeof value === "object" ? shown(value) : value]),
  )

/** Anything as text: a log call must not fail on what it is given. */
const shown = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}]/gu, (letter) => JSON.stringify(letter).slice(1, -1))
