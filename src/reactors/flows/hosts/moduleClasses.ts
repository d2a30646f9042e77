// The routine classes that a module's exports hold, with their handlers and the lines where these begin.

import { readFileSync } from "node:fs"
import path from "node:path"
import type { RoutineClass } from "../../../domain/events/FlowEvents.ts"
import type { Handler, RoutineDefinition } from "../Routine.ts"

export interface LoadedClass {
  readonly described: RoutineClass
  readonly handlers: ReadonlyMap<string, Handler>
  readonly file: string
}

/** Every export that looks like a routine; others are left alone. Throws what is wrong with one that does. */
export const classesOf = (file: string, exports: Readonly<Record<string, unknown>>): ReadonlyArray<LoadedClass> => {
  const source = sourceOf(file)
  return Object.entries(exports).flatMap(([exported, value]) =>
    isDefinition(value) ? [classOf(file, source, exported, value)] : [],
  )
}

const isDefinition = (value: unknown): value is RoutineDefinition =>
  typeof value === "object" &&
  value !== null &&
  "slots" in value &&
  typeof value.slots === "object" &&
  value.slots !== null

const classOf = (file: string, source: string, exported: string, definition: RoutineDefinition): LoadedClass => {
  const stem = path.basename(file).replace(/\.[^.]*$/, "")
  const name = definition.name ?? (exported === "default" ? stem : `${stem}.${exported}`)
  if (!/^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*$/.test(name)) throw new Error(`${name} is no dotted name`)
  const handlers = new Map<string, Handler>()
  const slots: Record<string, RoutineClass["slots"][string]> = {}
  for (const [slot, given] of Object.entries(definition.slots)) {
    const handler = typeof given === "function" ? given : given.handler
    if (typeof handler !== "function") throw new Error(`${name}: the slot ${slot} has no handler`)
    handlers.set(slot, handler)
    slots[slot] = {
      merge: typeof given === "function" ? "override" : (given.merge ?? "override"),
      line: lineOf(source, handler),
    }
  }
  const events = (definition.events ?? []).map(String)
  return {
    described: { name, kind: "module", slots, events, repeatable: definition.repeatable === true },
    handlers,
    file,
  }
}

/** The first line that holds the handler's own text; null for one that was made elsewhere. */
const lineOf = (source: string, handler: Handler): number | null => {
  const at = source.indexOf(handler.toString())
  return at < 0 ? null : source.slice(0, at).split("\n").length
}

const sourceOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    // It was loaded a moment ago; without its text only the lines are missing.
    return ""
  }
}
