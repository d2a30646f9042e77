// All routes, found by method and path. What is not in here does not exist, and nothing gets in without a role.

import { isRole } from "./Role.ts"
import type { Route } from "./Route.ts"

export interface RouteTable {
  readonly routes: ReadonlyArray<Route>
  readonly find: (method: string, path: string) => Found
}

export type Found =
  | { readonly _tag: "Route"; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** The path is there, the method is not. */
  | { readonly _tag: "OtherMethods"; readonly allow: ReadonlyArray<string>; readonly route: Route }
  | { readonly _tag: "Nowhere" }

type ByMethod = Map<string, { readonly _tag: "Route"; readonly route: Route; readonly params: typeof noParams }>

interface Pattern {
  readonly segments: ReadonlyArray<string>
  readonly byMethod: ByMethod
}

const noParams: Readonly<Record<string, string>> = Object.freeze({})
const nowhere: Found = { _tag: "Nowhere" }

export const make = (routes: ReadonlyArray<Route>): RouteTable => {
  const fixed = new Map<string, ByMethod>()
  const patterns: Array<Pattern> = []
  for (const route of routes) {
    refuseUnsound(route)
    const byMethod = route.path.includes("/:") ? patternOf(patterns, route.path) : fixedOf(fixed, route.path)
    if (byMethod.has(route.method)) throw new Error(`${route.method} ${route.path} stands twice in the route table`)
    byMethod.set(route.method, { _tag: "Route", route, params: noParams })
  }
  return {
    routes,
    find: (method, path) => {
      const exact = fixed.get(path)
      if (exact !== undefined) return exact.get(method) ?? withoutMethod(exact, method, noParams)
      for (const pattern of patterns) {
        const params = match(pattern.segments, path)
        if (params !== null) return withParams(pattern.byMethod, method, params)
      }
      return nowhere
    },
  }
}

/** A row that the types could not stop: made in JavaScript, or by a cast. */
const refuseUnsound = (route: Route): void => {
  if (!isRole(route.role))
    throw new Error(`${route.method} ${route.path} declares no role; every route says who may ask`)
  if (!route.path.startsWith("/")) throw new Error(`the path ${route.path} does not begin with /`)
}

const fixedOf = (fixed: Map<string, ByMethod>, path: string): ByMethod => {
  const known = fixed.get(path)
  if (known !== undefined) return known
  const made: ByMethod = new Map()
  fixed.set(path, made)
  return made
}

const patternOf = (patterns: Array<Pattern>, path: string): ByMethod => {
  const segments = path.split("/")
  const shape = (of: ReadonlyArray<string>) => of.map((segment) => (segment.startsWith(":") ? ":" : segment)).join("/")
  const known = patterns.find((pattern) => shape(pattern.segments) === shape(segments))
  if (known !== undefined) return known.byMethod
  const byMethod: ByMethod = new Map()
  patterns.push({ segments, byMethod })
  return byMethod
}

const match = (segments: ReadonlyArray<string>, path: string): Record<string, string> | null => {
  const parts = path.split("/")
  if (parts.length !== segments.length) return null
  const params: Record<string, string> = {}
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? ""
    if (!segment.startsWith(":")) {
      if (segment !== part) return null
    } else {
      const value = decoded(part)
      if (value === null || value === "") return null
      params[segment.slice(1)] = value
    }
  }
  return params
}

const withParams = (byMethod: ByMethod, method: string, params: Readonly<Record<string, string>>): Found => {
  const found = byMethod.get(method)
  return found === undefined ? withoutMethod(byMethod, method, params) : { _tag: "Route", route: found.route, params }
}

/** HEAD is answered by whatever answers GET. */
const withoutMethod = (byMethod: ByMethod, method: string, params: Readonly<Record<string, string>>): Found => {
  const get = byMethod.get("GET")
  if (method === "HEAD" && get !== undefined) return { _tag: "Route", route: get.route, params }
  const [first] = byMethod.values()
  return first === undefined ? nowhere : { _tag: "OtherMethods", allow: allowed(byMethod), route: first.route }
}

const allowed = (byMethod: ByMethod): ReadonlyArray<string> => {
  const methods = Array.from(byMethod.keys())
  return [...methods, ...(byMethod.has("GET") ? ["HEAD"] : []), "OPTIONS"]
}

/** Null for what is no percent-encoded UTF-8, or hides a NUL. */
const decoded = (part: string): string | null => {
  if (!part.includes("%")) return part
  try {
    const value = decodeURIComponent(part)
    return value.includes("\0") ? null : value
  } catch {
    return null
  }
}
