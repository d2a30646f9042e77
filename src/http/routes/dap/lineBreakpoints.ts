// Breakpoints as an editor sets them, by lines of a file or by names, as those that a job knows.

import { Either } from "effect"
import * as Condition from "../../../domain/conditions/Condition.ts"
import type { Breakpoint } from "../../../domain/events/JobEvents.ts"
import * as LogText from "../../../domain/flows/LogText.ts"
import { type Found, slotsAt, type Target } from "../../../wire/dap/places.ts"
import { breakpointOf } from "../routilux/newBreakpoint.ts"

export interface Wished {
  readonly line?: number | undefined
  /** "routine" or "routine.slot". */
  readonly name?: string | undefined
  readonly condition?: string | undefined
  readonly hitCondition?: string | undefined
  readonly logMessage?: string | undefined
}

/** One wish may mean several: each routine that is of the class. */
export interface Placed {
  readonly breakpoints: ReadonlyArray<Breakpoint>
  readonly answer: { readonly verified: boolean; readonly line?: number; readonly message?: string }
}

export const placed = (target: Target, path: string | null, wished: Wished): Placed => {
  const refused = (message: string): Placed => ({ breakpoints: [], answer: { verified: false, message } })
  const { condition, logMessage, hitCondition, line, name } = wished
  const passes = passesOf(hitCondition)
  if (passes === null) return refused(`"${hitCondition}" is no hit condition: 5, >= 5 and > 5 are`)
  const faults = [given(condition, Condition.compile), given(logMessage, LogText.compile)]
  const fault = faults.find((one) => one !== null)
  if (fault !== undefined && fault !== null) return refused(fault)
  const found = path === null ? named(target, name ?? "") : slotsAt(target, path, line ?? 0)
  const [first] = found
  if (first === undefined) {
    return refused(
      path === null ? `the flow has no routine or slot ${name}` : "no slot of the flow's routines begins here",
    )
  }
  const breakpoints = found.map(({ routine, slot }) =>
    breakpointOf({
      type: "slot",
      routine_id: routine,
      slot_name: slot === "" ? null : slot,
      condition: condition === "" ? null : condition,
      log_message: logMessage === "" ? null : logMessage,
      passes,
    }),
  )
  return { breakpoints, answer: { verified: true, ...(first.line > 0 ? { line: first.line } : {}) } }
}

const given = (text: string | undefined, compile: (text: string) => Either.Either<unknown, Error>): string | null => {
  if (text === undefined || text === "") return null
  const compiled = compile(text)
  return Either.isLeft(compiled) ? compiled.left.message : null
}

const named = ({ definition, classes }: Target, name: string): ReadonlyArray<Found> => {
  const dot = name.lastIndexOf(".")
  const use = (routine: string) =>
    Object.hasOwn(definition.routines, routine) ? definition.routines[routine] : undefined
  if (use(name) !== undefined) return [{ routine: name, slot: "", line: 0 }]
  const [routine, slot] = [name.slice(0, Math.max(0, dot)), name.slice(dot + 1)]
  const slots = classes.get(use(routine)?.className ?? "")?.slots ?? {}
  return Object.hasOwn(slots, slot) ? [{ routine, slot, line: 0 }] : []
}

/** How many hits pass before one stops; null for what cannot be understood. */
const passesOf = (hitCondition: string | undefined): number | null => {
  if (hitCondition === undefined || hitCondition.trim() === "") return 0
  const [, sign, count] = /^\s*(>=|>)?\s*(\d{1,9})\s*$/.exec(hitCondition) ?? []
  if (count === undefined) return null
  return sign === ">" ? Number(count) : Math.max(0, Number(count) - 1)
}
