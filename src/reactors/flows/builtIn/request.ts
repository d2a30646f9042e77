// The built-in HTTP request: one request a call, its answer as an emission, bounded in time and size.

import { maxDataBytes } from "../hosts/Host.ts"
import { BadConfiguration, type Work } from "./Work.ts"

const defaultSeconds = 30

/** `url`, `method`, `headers` and `body` of the call's input go over those of the configuration. */
export const request: Work = async (dispatch, signal) => {
  const asked = { ...dispatch.config, ...dispatch.input }
  const { url, method, headers, body } = asked
  if (typeof url !== "string" || !/^https?:\/\//.test(url)) throw new BadConfiguration("url is one of http or https")
  const seconds = typeof asked["timeout"] === "number" ? asked["timeout"] : defaultSeconds
  const answer = await fetch(url, {
    method: typeof method === "string" ? method : body === undefined ? "GET" : "POST",
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...textsOf(headers) },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]),
  })
  const text = await bounded(answer)
  const type = answer.headers.get("content-type") ?? ""
  return { emissions: [[answer.ok ? "output" : "failed", { status: answer.status, body: parsed(text, type) }]] }
}

const textsOf = (headers: unknown): Record<string, string> =>
  typeof headers === "object" && headers !== null
    ? Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
    : {}

const bounded = async (answer: Response): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ""
  let bytes = 0
  for await (const piece of answer.body ?? []) {
    const chunk = piece as Uint8Array
    bytes += chunk.length
    if (bytes > maxDataBytes / 2) throw new Error(`the answer is larger than ${maxDataBytes / 2} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

const parsed = (text: string, type: string): unknown => {
  if (!type.includes("json")) return text
  try {
    return JSON.parse(text)
  } catch {
    // It says JSON and is none: handed on as it came.
    return text
  }
}
