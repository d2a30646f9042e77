// The numbers by which an editor asks for what is inside a value; good until the job moves on.

interface Held {
  /** A copy: what is set is seen here at once, and the job's own stays as it is. */
  readonly value: Record<string, unknown>
  readonly scope: "local" | "shared"
  /** From the variable down to the value; empty for the scope itself. */
  readonly path: ReadonlyArray<string>
}

export interface Changed {
  readonly scope: "local" | "shared"
  readonly name: string
  readonly value: unknown
}

/** Of one list or object. */
const mostVariables = 1000

export class Handles {
  readonly #held: Array<Held> = []

  scope(scope: Held["scope"], variables: Readonly<Record<string, unknown>>): number {
    return this.#held.push({ value: structuredClone(variables), scope, path: [] })
  }

  clear(): void {
    this.#held.length = 0
  }

  variables(reference: number) {
    const held = this.#held[reference - 1]
    if (held === undefined) return []
    return Object.entries(held.value)
      .slice(0, mostVariables)
      .map(([name, value]) => this.#shown(held, name, value))
  }

  /** Changes it here, and tells the variable of the job that has to be set for it; null for one that is not there. */
  change(reference: number, name: string, value: unknown): Changed | null {
    const held = this.#held[reference - 1]
    const root = this.#held.find((one) => one.scope === held?.scope && one.path.length === 0)
    if (held === undefined || root === undefined) return null
    held.value[name] = value
    const variable = held.path[0] ?? name
    return { scope: held.scope, name: variable, value: root.value[variable] }
  }

  #shown(held: Held, name: string, value: unknown) {
    const isNested = typeof value === "object" && value !== null
    return {
      name,
      value: JSON.stringify(value) ?? "null",
      type: typeOf(value),
      variablesReference: isNested ? this.#inside(held, name, value) : 0,
    }
  }

  #inside(held: Held, name: string, value: object): number {
    return this.#held.push({ value: value as Record<string, unknown>, scope: held.scope, path: [...held.path, name] })
  }
}

/** As conditions call them. */
const typeOf = (value: unknown): string => {
  if (value === null) return "None"
  if (Array.isArray(value)) return "list"
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float"
  return { string: "str", boolean: "bool", object: "dict" }[typeof value as string] ?? typeof value
}
