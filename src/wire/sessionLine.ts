// One event as one line of text: what session files, /v1/events and `annalist tail` are made of.

import { Either } from "effect"
import { CommandId, Position } from "../domain/Brands.ts"
import type { Envelope } from "../domain/Envelope.ts"
import { dataOf, type Event, fromTypeAndData, KnownEvent, typeOf } from "../domain/Event.ts"
import { isoMicros, isoTime } from "../domain/Moment.ts"
import * as CollectiveLine from "./collectiveLine.ts"
import { LineCursor } from "./LineCursor.ts"
import * as QuickCheck from "./quickCheck.ts"

/** Without the newline. */
export const format = (envelope: Envelope): string => {
  const { event } = envelope
  return `{"position":${envelope.position},"at":"${timeText(envelope.at)}","mono":${envelope.mono},"actor":${CollectiveLine.quoted(envelope.actor)},"command":${CollectiveLine.quoted(envelope.command)},"type":${CollectiveLine.quoted(typeOf(event))},"data":${dataText(event)}}`
}

const dataText = (event: Event): string => {
  const quick = "reporter" in event && "op" in event ? CollectiveLine.dataText(event) : null
  return quick ?? JSON.stringify(dataOf(event))
}

let second = Number.NaN
let secondText = ""

/** ISO 8601 with microseconds. Events come many a second: only the fraction is written anew. */
const timeText = (micros: number): string => {
  const inSecond = Math.floor(micros / 1e6)
  if (inSecond !== second || !Number.isSafeInteger(micros)) {
    const text = isoTime(micros)
    second = Number.isSafeInteger(micros) ? inSecond : Number.NaN
    secondText = text.slice(0, 20)
    return text
  }
  return `${secondText}${String(micros - inSecond * 1e6).padStart(6, "0")}Z`
}

const cursor = new LineCursor()

/** One line of a text, from its first character to after its last; the left side says what is wrong with it. */
export const parse = (text: string, start: number, end: number): Either.Either<Envelope, string> => {
  cursor.begin(text, start, end)
  const quick = CollectiveLine.read(cursor)
  return quick === null ? fromText(text.slice(start, end)) : Either.right(quick)
}

const fromText = (line: string): Either.Either<Envelope, string> => {
  try {
    return fromJson(JSON.parse(line))
  } catch {
    return Either.left("it is no JSON object")
  }
}

/** From a line's parsed JSON; the left side says which field is wrong. Fields that nobody here knows are passed over. */
export const fromJson = (json: unknown): Either.Either<Envelope, string> => {
  if (!isObject(json)) return Either.left("it is no JSON object")
  const { position, at, mono, actor, command, type, data } = json
  if (!Number.isSafeInteger(position) || (position as number) < 1) return wrong("position", "a whole number from 1")
  const micros = typeof at === "string" ? isoMicros(at) : null
  if (micros === null) return wrong("at", "an ISO 8601 time")
  if (typeof mono !== "number" || !Number.isFinite(mono)) return wrong("mono", "a number of microseconds")
  if (typeof actor !== "string") return wrong("actor", "a text")
  if (command !== null && typeof command !== "string") return wrong("command", "a text or null")
  if (typeof type !== "string" || type === "") return wrong("type", "the name of an event")
  if (!isObject(data) || !shallowerThan(data, maxDepth)) return wrong("data", `an object at most ${maxDepth} deep`)
  return Either.map(eventOf(type, data), (event): Envelope => ({
    position: Position(position as number),
    at: micros,
    mono,
    actor,
    command: command === null ? null : CommandId(command),
    event,
  }))
}

const quickChecks = QuickCheck.byTag(KnownEvent)

/** Fields keep the order in which they stood, and those of a newer writer stay: what is written again is the same line. */
const eventOf = (type: string, data: Readonly<Record<string, unknown>>): Either.Either<Event, string> => {
  const event = { _tag: type, ...data } as Event
  if (quickChecks.get(type)?.(event)) return Either.right(event)
  return Either.mapBoth(fromTypeAndData(type, data), {
    onLeft: ({ reason }) => `its data are no ${type}: ${reason.replaceAll(/\s*\n\s*/g, " ").slice(0, 300)}`,
    onRight: (decoded) => (decoded._tag === "Unknown" ? decoded : (Object.assign(event as object, decoded) as Event)),
  })
}

/** What JSON.stringify can take without running out of stack. */
const maxDepth = 64

const wrong = (field: string, takes: string) => Either.left(`its ${field} is not ${takes}`)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const shallowerThan = (value: object, depth: number): boolean => {
  if (depth === 0) return false
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null && !shallowerThan(part as object, depth - 1)) return false
  }
  return true
}
