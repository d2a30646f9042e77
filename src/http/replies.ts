// An answer turned into the bytes and headers that go out.

import type { Answer } from "./Route.ts"
import type { IncomingRequest, Reply } from "./IncomingRequest.ts"

const encoder = new TextEncoder()
const json = "application/json"

/** On everything: what is answered is a moment's, and is what its type says. */
const common = { "x-content-type-options": "nosniff", "cache-control": "no-store" } as const

export const replyOf = (
  request: IncomingRequest,
  answer: Answer,
  crossOrigin: Readonly<Record<string, string>> | null,
): Reply => {
  const prepared = crossOrigin === null && request.method !== "HEAD" ? constants.get(answer) : undefined
  return prepared ?? fresh(request, answer, crossOrigin)
}

const constants = new WeakMap<Answer, Reply>()

/** For an answer that is the same every time: what goes out is made once. */
export const constant = (answer: Answer): Answer => {
  const reply = fresh({ method: "GET" }, answer, null)
  constants.set(answer, reply)
  return answer
}

const fresh = (
  request: { readonly method: string },
  answer: Answer,
  crossOrigin: Readonly<Record<string, string>> | null,
): Reply => {
  const headers: Record<string, string> = { ...common, ...answer.headers, ...crossOrigin }
  if (answer.stream !== undefined) {
    const head = request.method === "HEAD"
    return { status: answer.status, headers, bytes: null, stream: head ? null : answer.stream }
  }
  const bytes = bytesOf(answer, headers)
  if (bytes === null) return { status: answer.status, headers, bytes: null, stream: null }
  headers["content-length"] = String(bytes.length)
  return { status: answer.status, headers, bytes: request.method === "HEAD" ? null : bytes, stream: null }
}

const bytesOf = (answer: Answer, headers: Record<string, string>): Uint8Array | null => {
  if (answer.bytes !== undefined) return answer.bytes
  if (answer.text !== undefined) {
    headers["content-type"] ??= "text/plain; charset=utf-8"
    return encoder.encode(answer.text)
  }
  if (answer.body !== undefined) {
    headers["content-type"] ??= json
    return encoder.encode(JSON.stringify(answer.body))
  }
  return null
}
