// Marks on the time bar: boots, exits, breakpoints, alerts and verdicts of the log, and how one steps from one to the next.

export type MarkTone = "start" | "end" | "break" | "alert" | "bad"

export interface Mark {
  readonly position: number
  readonly millis: number
  readonly tone: MarkTone
  readonly words: string
  /** Id of the process that it is about, where it is about one. */
  readonly process: string | null
  /** From here on the agent waited so long before it called silence a hang. */
  readonly hangLimitMillis?: number
}

type Fields = Readonly<Record<string, unknown>>

/** NDJSON of events; a line that is no event (a newer writer's, a torn one) is passed by. */
export const parseMarks = (text: string): ReadonlyArray<Mark> =>
  text
    .split("\n")
    .map(parseMark)
    .filter((mark) => mark !== null)

const parseMark = (line: string): Mark | null => {
  const event = fieldsOf(parseJson(line))
  const { position, at, type } = event
  if (typeof position !== "number" || typeof at !== "string" || typeof type !== "string") return null
  const millis = Date.parse(at)
  if (Number.isNaN(millis)) return null
  const data = fieldsOf(event["data"])
  const process = typeof data["process"] === "string" ? data["process"] : null
  const limit = data["hangLimitMillis"]
  return {
    position,
    millis,
    process,
    ...saidOf(type, data),
    ...(typeof limit === "number" ? { hangLimitMillis: limit } : {}),
  }
}

const parseJson = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {})

const saidOf = (type: string, data: Fields): Pick<Mark, "tone" | "words"> => {
  switch (type) {
    case "AgentStarted":
      return { tone: "start", words: "agent started" }
    case "ProcessBooted":
      return { tone: "start", words: "booted" }
    case "ProcessBootFailed":
      return { tone: "bad", words: "boot failed" }
    case "ProcessSignalled":
      return { tone: "end", words: `was sent ${typeof data["signal"] === "string" ? data["signal"] : "a signal"}` }
    case "ProcessExited":
      return exitOf(data)
    case "BreakpointHit":
      return { tone: "break", words: "breakpoint hit" }
    case "AlertRaised":
      return { tone: "alert", words: `alert: ${textOf(data, "rule", "name", "sentence") ?? "raised"}` }
    case "VerdictChanged":
      return verdictOf(data)
    default:
      return { tone: "end", words: type }
  }
}

const textOf = (data: Fields, ...names: ReadonlyArray<string>): string | null => {
  const name = names.find((one) => typeof data[one] === "string" && data[one] !== "")
  return name === undefined ? null : String(data[name])
}

const verdictOf = (data: Fields): Pick<Mark, "tone" | "words"> => {
  const kind = textOf(data, "verdict", "kind", "to") ?? "changed"
  return { tone: kind === "healthy" ? "end" : "bad", words: `verdict: ${kind.replaceAll("_", " ")}` }
}

const exitOf = (data: Fields): Pick<Mark, "tone" | "words"> => {
  if (typeof data["signal"] === "number") return { tone: "bad", words: `exited (signal ${data["signal"]})` }
  if (typeof data["code"] !== "number") return { tone: "bad", words: "exited (nobody saw how)" }
  return { tone: data["code"] === 0 ? "end" : "bad", words: `exited (code ${data["code"]})` }
}

/** A log can hold more marks than a page should: beyond this the oldest are let go. */
export const maxMarks = 5_000

export const joinMarks = (known: ReadonlyArray<Mark>, more: ReadonlyArray<Mark>): ReadonlyArray<Mark> => {
  const last = known.at(-1)?.position ?? 0
  const fresh = more.filter((mark) => mark.position > last)
  return fresh.length === 0 ? known : [...known, ...fresh].slice(-maxMarks)
}

export const markBefore = (marks: ReadonlyArray<Mark>, position: number): Mark | null =>
  marks.findLast((mark) => mark.position < position) ?? null

export const markAfter = (marks: ReadonlyArray<Mark>, position: number): Mark | null =>
  marks.find((mark) => mark.position > position) ?? null

/** The nearest in time, if it is near enough. */
export const markNear = (marks: ReadonlyArray<Mark>, millis: number, within: number): Mark | null => {
  let nearest: Mark | null = null
  for (const mark of marks) {
    const distance = Math.abs(mark.millis - millis)
    if (distance <= within && (nearest === null || distance < Math.abs(nearest.millis - millis))) nearest = mark
  }
  return nearest
}

export const markAt = (marks: ReadonlyArray<Mark>, position: number): Mark | null =>
  marks.find((mark) => mark.position === position) ?? null

/** "rank2 exited (signal 9)": the name where the page knows it, else the beginning of its id. */
export const wordsOf = (mark: Mark, nameOf: (process: string) => string | null): string =>
  mark.process === null ? mark.words : `${nameOf(mark.process) ?? `process ${mark.process.slice(0, 8)}`} ${mark.words}`
