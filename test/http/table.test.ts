import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { roles } from "../../src/http/Role.ts"
import type { Route } from "../../src/http/Route.ts"
import * as RouteTable from "../../src/http/RouteTable.ts"
import { table } from "../../src/http/table.ts"
import { about, script } from "./face.ts"

const made = table({ about, script, page: null })
const route: Route = {
  _tag: "Effect",
  method: "GET",
  path: "/a/:id",
  role: "viewer",
  errors: "error",
  summary: "",
  tag: "",
  answer: () => Effect.succeed({ status: 200 }),
}

/** Reports of ranks and of processes about themselves, and a question that its documents ask by POST. */
const askedByPost = ["/log_ccl", "/v1/metrics/custom", "/api/flows/:flow/validate"]

describe("the table of routes", () => {
  it("declares a role for every route, and who needs none are only these", () => {
    for (const one of made.routes) expect(roles, `${one.method} ${one.path}`).toContain(one.role)
    const open = made.routes.filter(({ role }) => role === "anyone").map(({ path }) => path)
    expect(open.sort()).toEqual(["/", "/api/health", "/v1/health/live", "/v1/health/ready"])
    const acting = made.routes.filter(({ method, path }) => method !== "GET" && !askedByPost.includes(path))
    for (const one of acting) expect(["operator", "admin"], one.path).toContain(one.role)
  })

  it("refuses a route without a role, whatever the types were told", () => {
    const { role: _, ...without } = route
    expect(() => RouteTable.make([without as Route])).toThrow("GET /a/:id declares no role")
    expect(() => RouteTable.make([{ ...route, role: "root" as "admin" }])).toThrow("declares no role")
    // @ts-expect-error a route says who may ask
    const typed: Route = { ...without }
    expect(typed.role).toBeUndefined()
  })

  it("holds every route that a file of src/http/routes makes: there is no other way in", () => {
    const folder = fileURLToPath(new URL("../../src/http/routes/", import.meta.url))
    const inTable = new Set(made.routes.map(({ method, path }) => `${method} ${path}`))
    const found: Array<string> = []
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    )) {
      const text = readFileSync(`${folder}${file}`, "utf8")
      const methods = Array.from(text.matchAll(/path: "([^"]+)"/g), ([, path]) => path ?? "")
      for (const path of methods) {
        found.push(path)
        expect(
          Array.from(inTable).some((one) => one.endsWith(` ${path}`)),
          `${path} of ${file}`,
        ).toBe(true)
      }
    }
    expect(found.length).toBeGreaterThan(15)
  })

  it("finds by method and path, and tells the parts of the path", () => {
    const { find } = RouteTable.make([route, { ...route, path: "/a/b" }, { ...route, method: "PUT" }])
    expect(find("GET", "/a/b")).toMatchObject({ route: { path: "/a/b" }, params: {} })
    expect(find("GET", "/a/x%20y%2F")).toMatchObject({ route: { path: "/a/:id" }, params: { id: "x y/" } })
    expect(find("HEAD", "/a/b")).toMatchObject({ _tag: "Route", route: { method: "GET" } })
    expect(find("DELETE", "/a/x")).toMatchObject({ _tag: "OtherMethods", allow: ["GET", "PUT", "HEAD", "OPTIONS"] })
    for (const path of ["/a/", "/a", "/a/%zz", "/a/%00", "/a/%ff", "/a/b/c", "//a/b", "/A/b"]) {
      expect(find("GET", path)._tag, path).toBe("Nowhere")
    }
  })

  it("refuses the same route twice", () => {
    expect(() => RouteTable.make([route, { ...route, path: "/a/:other" }])).toThrow("stands twice")
  })
})
