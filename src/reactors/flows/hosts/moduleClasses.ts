// The routine classes that a module's exports hold, with their handlers and the lines where these begin.

import { readFile } from "node:fs/promises"
import path from "node:path"
import type { RoutineClass } from "../../../domain/events/FlowEvents.ts"
import type { Handler, RoutineDefinition } from "../Routine.ts"
import { isTypeScript, withoutTypes } from "./typeScript.ts"

export interface LoadedClass {
  readonly described: RoutineClass
  readonly handlers: ReadonlyMap<string, Handler>
  readonly file: string
}

/** Every export that looks like a routine; others are left alone. Throws what is wrong with one that does. */
export const classesOf = async (
  file: string,
  exports: Readonly<Record<string, unknown>>,
): Promise<ReadonlyArray<LoadedClass>> => {
  const source = await sourceOf(file)
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
    described: { name, kind: "module", file, slots, events, repeatable: definition.repeatable === true },
    handlers,
    file,
  }
}

/** The first line that holds the handler's own text; null for one that was made elsewhere. */
const lineOf = (source: string, handler: Handler): number | null => {
  const at = source.indexOf(handler.toString())
  return at < 0 ? null : source.slice(0, at).split("\n").length
}

/** As the handlers' own texts have it. */
const sourceOf = async (file: string): Promise<string> => {
  try {
    const source = await readFile(file, "utf8")
    return isTypeScript(file) ? await withoutTypes(source) : source
  } catch {
    // It was loaded a moment ago; without its text only the lines are missing.
    return ""
  }
}
