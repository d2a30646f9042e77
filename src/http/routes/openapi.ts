// GET /openapi.json: the table of routes in the words of OpenAPI 3.1, made from the table itself.

import { Effect, JSONSchema, type Schema } from "effect"
import { parametersOf } from "../parametersOf.ts"
import type { ErrorShape, Route } from "../Route.ts"
import type { About } from "../RouteSettings.ts"

export const openApiRoute = (about: About, described: () => ReadonlyArray<Route>): Route => {
  let text: string | null = null
  return {
    _tag: "Effect",
    method: "GET",
    path: "/openapi.json",
    role: "viewer",
    errors: "error",
    tag: "agent",
    summary: "This description.",
    answer: () =>
      Effect.sync(() => {
        text ??= JSON.stringify(openApi(about, described()))
        return { status: 200, headers: { "content-type": "application/json" }, text }
      }),
  }
}

type Json = Readonly<Record<string, unknown>>

const openApi = (about: About, routes: ReadonlyArray<Route>): Json => {
  const schemas: Record<string, unknown> = {}
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}")
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, schemas) }
  }
  return {
    openapi: "3.1.0",
    info: { title: about.name, version: about.version, description: about.description },
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description:
            "A token of the agent's token file. On loopback without one, the agent's own user and root are admin, others viewer.",
        },
      },
    },
    security: [{}, { token: [] }],
  }
}

const operation = (route: Route, schemas: Record<string, unknown>): Json => ({
  summary: route.summary,
  tags: [route.tag],
  operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/[^A-Za-z0-9_]+(\w)?/g, (_, next: string | undefined) => (next ?? "").toUpperCase())}`,
  "x-role": route.role,
  ...(route.role === "anyone" ? { security: [] } : {}),
  parameters: parameters(route),
  ...(route.requestBody === undefined
    ? {}
    : {
        requestBody: {
          required: false,
          content: { "application/json": { schema: schemaOf(route.requestBody, schemas) } },
        },
      }),
  responses: {
    "200": {
      description: "Done, or the answer.",
      ...(route.response === undefined
        ? {}
        : { content: { "application/json": { schema: schemaOf(route.response, schemas) } } }),
    },
    default: errorOf(route.errors),
  },
})

const parameters = (route: Route): ReadonlyArray<Json> => [
  ...Array.from(route.path.matchAll(/:(\w+)/g), ([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  })),
  ...parametersOf(route).map(({ name, description }) => ({
    name,
    in: "query",
    description,
    schema: { type: "string" },
  })),
]

const errorOf = (shape: ErrorShape): Json => {
  const fields = shape === "problem" ? ["type", "title", "status", "detail"] : [shape]
  const properties = Object.fromEntries(
    fields.map((field) => [field, { type: field === "status" ? "integer" : "string" }]),
  )
  const type = shape === "problem" ? "application/problem+json" : "application/json"
  return {
    description: "What was wrong, and what would be right.",
    content: { [type]: { schema: { type: "object", required: fields, properties } } },
  }
}

/** Named schemas are lifted out, so that each stands once in the document. */
const schemaOf = (schema: Schema.Schema.AnyNoContext, schemas: Record<string, unknown>): unknown => {
  const {
    $schema: _,
    $defs,
    ...body
  } = JSONSchema.make(schema, { target: "openApi3.1" }) as unknown as Record<string, unknown>
  Object.assign(schemas, referring($defs))
  return referring(body)
}

/** References to a schema of its own document become references into this one. */
const referring = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(referring)
  if (typeof node !== "object" || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === "$ref" && typeof value === "string"
        ? value.replace(/^#\/\$defs\//, "#/components/schemas/")
        : referring(value),
    ]),
  )
}
