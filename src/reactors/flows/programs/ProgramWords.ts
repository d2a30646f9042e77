// What passes between the agent and a routine program, one JSON object a line (docs/flows.md has it for those who write one).

import { Either } from "effect"
import type { CallError } from "../../../domain/events/JobEvents.ts"
import type { Data } from "../../../domain/flows/Job.ts"
import { type Dispatch, callError, maxDataBytes } from "../hosts/Host.ts"
import { NotJson, toJson, toJsonObject } from "../hosts/json.ts"

export type ProgramSaid =
  | {
      readonly kind: "emitted"
      readonly key: number
      readonly event: string
      readonly data: Data
      readonly bytes: number
    }
  | {
      readonly kind: "finished"
      readonly key: number
      readonly result: unknown
      readonly shared: Data | null
      readonly bytes: number
    }
  | { readonly kind: "failed"; readonly key: number; readonly error: CallError }
  | { readonly kind: "logged"; readonly key: number; readonly level: Level; readonly text: string }

type Level = "debug" | "info" | "warning" | "error"
const levels = ["debug", "info", "warning", "error"] as const

export const callLine = (dispatch: Dispatch): string =>
  `${JSON.stringify({
    type: "call",
    key: dispatch.key,
    class: dispatch.className,
    job: dispatch.job,
    routine: dispatch.routine,
    slot: dispatch.slot,
    call: dispatch.call,
    attempt: dispatch.attempt,
    input: dispatch.input,
    config: dispatch.config,
    shared: dispatch.shared,
  })}\n`

/** Left: why the line is none of the protocol; the program cannot be trusted any further. */
export const read = (line: string): Either.Either<ProgramSaid, string> => {
  const parsed = Either.try({ try: (): unknown => JSON.parse(line), catch: () => "it is not JSON" })
  if (Either.isLeft(parsed)) return Either.left(parsed.left)
  const words = parsed.right
  if (typeof words !== "object" || words === null || Array.isArray(words)) return Either.left("it is no object")
  try {
    return said(words as Data)
  } catch (error) {
    if (error instanceof NotJson) return Either.left(error.message)
    throw error
  }
}

const said = (words: Data): Either.Either<ProgramSaid, string> => {
  const { type, key } = words
  if (typeof key !== "number") return Either.left("it names no call (key)")
  switch (type) {
    case "emit": {
      if (typeof words["event"] !== "string") return Either.left("emit names no event")
      const { value: data, bytes } = toJsonObject(words["data"], maxDataBytes)
      return Either.right({ kind: "emitted", key, event: words["event"], data, bytes })
    }
    case "return": {
      const result = toJson(words["result"] ?? null, maxDataBytes)
      const shared = words["shared"] === undefined ? null : toJsonObject(words["shared"], maxDataBytes)
      const bytes = result.bytes + (shared?.bytes ?? 0)
      return Either.right({ kind: "finished", key, result: result.value, shared: shared?.value ?? null, bytes })
    }
    case "error":
      return Either.right({ kind: "failed", key, error: errorOf(words["error"]) })
    case "log":
      return Either.right({ kind: "logged", key, level: levelOf(words["level"]), text: textOf(words["text"]) })
    default:
      return Either.left(`there is no type ${JSON.stringify(type)?.slice(0, 40)}`)
  }
}

const levelOf = (level: unknown): Level => levels.find((one) => one === level) ?? "info"

const textOf = (text: unknown): string =>
  (typeof text === "string" ? text : (JSON.stringify(text) ?? "")).slice(0, 4000)

const errorOf = (error: unknown): CallError => {
  const fields = typeof error === "object" && error !== null ? (error as Data) : { message: error }
  const { type, message, line } = fields as {
    readonly type?: unknown
    readonly message?: unknown
    readonly line?: unknown
  }
  return callError(
    typeof type === "string" && type !== "" ? type.slice(0, 100) : "Error",
    textOf(message ?? ""),
    typeof line === "number" && Number.isInteger(line) ? line : null,
  )
}
