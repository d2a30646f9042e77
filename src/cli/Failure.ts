// Why a command did not do its work: one sentence for the user, and the exit code that scripts see.

import { Data } from "effect"
import { exitCodes } from "./Command.ts"

export class Failure extends Data.TaggedError("Failure")<{ readonly reason: string; readonly exitCode: number }> {
  override get message(): string {
    return this.reason
  }
}

export const failed = (reason: string): Failure => new Failure({ reason, exitCode: exitCodes.failed })

export const wrongUsage = (reason: string): Failure => new Failure({ reason, exitCode: exitCodes.wrongUsage })

/** The sentence in any error: ours carry one as `message` or as `reason`, and some an `advice`. */
export const sentenceOf = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return `${error as string | number}`
  const { message, reason, advice } = error as Readonly<Record<"message" | "reason" | "advice", unknown>>
  if (typeof message === "string" && message !== "") return message
  if (typeof reason !== "string") return "an error that says nothing of itself"
  return typeof advice === "string" ? `${reason}; ${advice}` : reason
}
