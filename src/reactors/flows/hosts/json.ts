// What a routine hands out, made sure to be JSON: a copy without surprises, or the reason why not.

/** The value cannot be written down. */
export class NotJson extends Error {}

interface Counted {
  readonly value: unknown
  /** About as many as its JSON would have. */
  readonly bytes: number
}

const maxDepth = 64

/** Throws NotJson. What JSON.stringify would drop (a field that is undefined) is dropped here as well. */
export const toJson = (value: unknown, maxBytes: number): Counted => {
  let bytes = 0
  const spend = (count: number, path: string) => {
    bytes += count
    if (bytes > maxBytes) throw new NotJson(`larger than ${maxBytes} bytes${at(path)}`)
  }
  const copy = (one: unknown, path: string, depth: number): unknown => {
    switch (typeof one) {
      case "string":
        spend(one.length + 2, path)
        return one
      case "number":
        spend(8, path)
        if (!Number.isFinite(one)) throw new NotJson(`${one} is not JSON${at(path)}`)
        return one
      case "boolean":
        spend(5, path)
        return one
      case "undefined":
        return null
      case "object":
        return one === null ? null : copyObject(one, path, depth)
      default:
        throw new NotJson(`a ${typeof one} is not JSON${at(path)}`)
    }
  }
  const copyObject = (one: object, path: string, depth: number): unknown => {
    if (depth >= maxDepth) throw new NotJson(`deeper than ${maxDepth}, or a circle${at(path)}`)
    spend(2, path)
    if (Array.isArray(one)) return one.map((item, index) => copy(item, `${path}[${index}]`, depth + 1))
    if (one instanceof Date) return copy(one.toISOString(), path, depth + 1)
    const prototype: unknown = Object.getPrototypeOf(one)
    const isPlain = prototype === null || prototype === Object.prototype || Object.keys(one).length > 0
    if (!isPlain && !(one instanceof Error)) throw new NotJson(`a ${one.constructor.name} is not JSON${at(path)}`)
    const copied: Record<string, unknown> = {}
    for (const [key, item] of Object.entries(one)) {
      if (item === undefined) continue
      if (key === "__proto__") throw new NotJson(`a field may not be called __proto__${at(path)}`)
      spend(key.length + 3, path)
      copied[key] = copy(item, path === "" ? key : `${path}.${key}`, depth + 1)
    }
    return copied
  }
  return { value: copy(value, "", 0), bytes }
}

/** The same for what must be an object: an emission's data, shared data. */
export const toJsonObject = (
  value: unknown,
  maxBytes: number,
): { readonly value: Record<string, unknown>; readonly bytes: number } => {
  const counted = toJson(value ?? {}, maxBytes)
  if (typeof counted.value !== "object" || counted.value === null || Array.isArray(counted.value)) {
    throw new NotJson("an object with named parameters is expected")
  }
  return { value: counted.value as Record<string, unknown>, bytes: counted.bytes }
}

const at = (path: string): string => (path === "" ? "" : ` (at ${path.slice(0, 200)})`)
