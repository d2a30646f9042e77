// GET /docs: the table of routes as a page that a person reads; nothing in it is loaded from anywhere.

import { createHash } from "node:crypto"
import { Effect } from "effect"
import type { Route } from "../Route.ts"
import type { About } from "../RouteSettings.ts"

export const docsRoute = (about: About, described: () => ReadonlyArray<Route>): Route => ({
  _tag: "Effect",
  method: "GET",
  path: "/docs",
  role: "viewer",
  errors: "error",
  tag: "agent",
  summary: "Every route, for people; /openapi.json is the same for programs.",
  answer: () =>
    Effect.sync(() => ({
      status: 200,
      headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy },
      text: page(about, described()),
    })),
})

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.5rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere }
pre { margin: .25rem 0 0; font: .85em ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere }
summary { cursor: pointer; font-size: .9em }
td:first-child { min-width: 15rem }
@media (width < 40rem) { tr, td { display: block } th { display: none } td { border: 0; padding: .1rem 0 } tr { padding: .4rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) } }
dl { margin: .25rem 0 0; font-size: .9em } dt { float: left; clear: left; margin-right: .5rem } dd { margin: 0 }
`

const policy =
  `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const page = (about: About, routes: ReadonlyArray<Route>): string => {
  const tags = Array.from(new Set(routes.map((route) => route.tag)))
  const sections = tags.map((tag) =>
    section(
      tag,
      routes.filter((route) => route.tag === tag),
    ),
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(about.name)}: routes</title>
<style>${style}</style>
<h1>${escape(about.name)} ${escape(about.version)}</h1>
<p>${escape(about.description)}. For programs: <a href="/openapi.json">/openapi.json</a>.</p>
<p>Every question about state takes <code>?at=</code> (a position, an ISO 8601 time, or a span back such as <code>-10m</code>) and answers with the header <code>Annalist-Position</code>.</p>
${sections.join("\n")}
</html>
`
}

const section = (tag: string, routes: ReadonlyArray<Route>): string => `<h2>${escape(tag)}</h2>
<table>
<tr><th scope="col">Route<th scope="col">Role<th scope="col">What it does
${routes.map(row).join("\n")}
</table>`

const row = (route: Route): string => {
  const parameters = route.parameters ?? []
  const list = parameters.map(({ name, description }) => `<dt><code>${escape(name)}</code><dd>${escape(description)}`)
  const details = list.length === 0 ? "" : `<dl>${list.join("")}</dl>`
  const shapes = shape("Body", route.requestBody) + shape("Answer", route.response)
  return `<tr><td><code>${route.method} ${escape(route.path)}</code><td>${route.role}<td>${escape(route.summary)}${details}${shapes}`
}

/** As the schema says it of itself; /openapi.json has the same for programs. */
const shape = (title: string, schema: Route["response"]): string =>
  schema === undefined
    ? ""
    : `<details><summary>${title}</summary><pre>${escape(String(schema.ast).replaceAll("readonly ", ""))}</pre></details>`

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
