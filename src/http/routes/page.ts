// GET / and what it loads: the page for browsers, a few words of JSON for everybody else.

import { Effect } from "effect"
import { wantsHtml } from "../accepts.ts"
import { Problem } from "../Problem.ts"
import type { Answer, Route, RouteRequest } from "../Route.ts"
import type { PageFile, RouteSettings } from "../RouteSettings.ts"

const common = { _tag: "Effect", method: "GET", role: "anyone", errors: "error", tag: "page" } as const

export const pageRoutes = (settings: RouteSettings): ReadonlyArray<Route> => [
  {
    ...common,
    path: "/",
    summary: "The page, for a browser; name, version and description as JSON otherwise.",
    answer: (request: RouteRequest) => Effect.sync(() => root(request, settings)),
  },
  ...Array.from(settings.page?.keys() ?? [])
    .filter((name) => name !== "index.html")
    .map((name) => partRoute(name, settings)),
]

const partRoute = (name: string, { page }: RouteSettings): Route => ({
  ...common,
  path: `/${name}`,
  summary: "A part of the page.",
  answer: (request: RouteRequest) =>
    Effect.suspend(() => {
      const file = page?.get(name)
      return file === undefined
        ? new Problem({ status: 404, kind: "not-found", detail: `the page has no ${name}` })
        : Effect.succeed(answerWith(request, file))
    }),
})

/** Everything from the agent itself, nothing inline, nobody may frame it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const pageHeaders = {
  "content-security-policy": policy,
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
} as const

const root = (request: RouteRequest, { about, page }: RouteSettings): Answer => {
  // Caches must not give the page to a program, nor the JSON to a browser.
  const vary = { vary: "Accept" }
  if (!wantsHtml(request.headers)) {
    return {
      status: 200,
      headers: vary,
      body: { name: about.name, version: about.version, description: about.description },
    }
  }
  const index = page?.get("index.html")
  if (index === undefined) return { status: 200, headers: { ...vary, ...html }, text: unbuilt }
  const answer = answerWith(request, index)
  return { ...answer, headers: { ...answer.headers, ...vary } }
}

const html = { ...pageHeaders, "content-type": "text/html; charset=utf-8" } as const

const unbuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Annalist</title>
<h1>The page is not built</h1>
<p>Run <code>npm run build</code> and start the agent again. Its routes answer all the same: <a href="/docs">/docs</a>.</p>
</html>
`

/** Names do not change with their content, so a browser asks each time and mostly hears that nothing did. */
const answerWith = (request: RouteRequest, file: PageFile): Answer => {
  const headers = { ...pageHeaders, "content-type": file.type, etag: file.tag, "cache-control": "no-cache" }
  return request.headers["if-none-match"] === file.tag
    ? { status: 304, headers }
    : { status: 200, headers, bytes: file.bytes }
}
