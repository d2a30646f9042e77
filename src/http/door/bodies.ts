// What a body must be before a handler sees it: JSON, uncompressed, of a bounded size, and sound.

import { Effect, Either } from "effect"
import type { IncomingRequest } from "../IncomingRequest.ts"
import { Problem } from "../Problem.ts"
import * as StrictJson from "./StrictJson.ts"

export const maxBodyBytes = 262_144

/** The parsed body; undefined when there was none. */
export const jsonBody = (request: IncomingRequest): Effect.Effect<unknown, Problem> => {
  if (!request.body.present) return Effect.void
  return Effect.flatMap(request.body.bytes(maxBodyBytes), (bytes) => {
    if (bytes.length === 0) return Effect.void
    const fault = contentFault(request.headers, ["application/json"])
    return fault === null ? parsed(bytes) : Effect.fail(fault)
  })
}

const parsed = (bytes: Uint8Array): Effect.Effect<unknown, Problem> => {
  const json = StrictJson.parse(bytes)
  return Either.isRight(json) ? Effect.succeed(json.right) : Effect.fail(badJson(json.left))
}

export const badJson = (reason: string): Problem =>
  new Problem({ status: 400, kind: "bad-json", detail: `the body is refused: ${reason}` })

/** Media types are compared without their parameters; of those only a charset other than UTF-8 matters. */
export const contentFault = (
  headers: Readonly<Record<string, string | undefined>>,
  accepted: ReadonlyArray<string>,
): Problem | null => {
  const sent = headers["content-type"]
  const encoding = headers["content-encoding"]
  if (encoding !== undefined && encoding !== "" && encoding.toLowerCase() !== "identity") {
    return unsupported(`the body is ${encoding}-encoded; send it as it is, without Content-Encoding`)
  }
  if (sent === undefined)
    return unsupported(`the body has no Content-Type; send Content-Type: ${accepted.join(" or ")}`)
  if (accepted.includes(sent)) return null
  const [type = "", ...parameters] = sent.toLowerCase().split(";")
  if (!accepted.includes(type.trim())) {
    return unsupported(`the body's Content-Type is ${JSON.stringify(sent.slice(0, 80))}; send ${accepted.join(" or ")}`)
  }
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith("charset="))
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset)
    ? null
    : unsupported(`the body's ${charset} is not taken; send UTF-8`)
}

const unsupported = (detail: string): Problem => new Problem({ status: 415, kind: "unsupported-media-type", detail })
