// Environments as callers send them: what can be one, and what of it may be seen by others.

export type Environment = Readonly<Record<string, string>>

/** Values outside the allow-list of names are secrets: the log and later answers show that they are there, no more. */
export const redacted = (environment: Environment, shownNames: ReadonlyArray<string>): Environment =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, shownNames.includes(name) ? value : "[redacted]"]),
  )

/** What keeps it from being an environment; null when nothing does. Names variables, never holds their values. */
export const faultIn = (environment: Readonly<Record<string, unknown>>): string | null => {
  for (const [name, value] of Object.entries(environment)) {
    const shown = JSON.stringify(name.slice(0, 100))
    if (typeof value !== "string") return `must have string values; that of ${shown} is ${kindOf(value)}`
    if (name === "" || /[=\0]/.test(name)) return `has the name ${shown}; a name has characters, and no = and no NUL`
    if (value.includes("\0")) return `has a NUL in the value of ${shown}; no environment can hold that`
  }
  return null
}

export const kindOf = (value: unknown): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return "an array"
  return typeof value === "object" ? "an object" : `a ${typeof value}`
}
