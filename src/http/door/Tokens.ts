// The tokens that open the door from afar: read once from a file that only its owner may read, held as digests, never shown.

import { createHash, timingSafeEqual } from "node:crypto"
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs"
import { Data, Effect, Either } from "effect"
import type { Role } from "../Role.ts"

/** A token file that cannot be trusted: the program does not start with it. The reason never holds a token. */
export class TokenFileError extends Data.TaggedError("TokenFileError")<{
  readonly path: string
  readonly reason: string
}> {
  override get message() {
    return `the token file ${this.path} cannot be used: ${this.reason}`
  }
}

export type TokenRole = Exclude<Role, "anyone">

interface Entry {
  readonly digest: Buffer
  readonly role: TokenRole
}

export interface Tokens {
  readonly entries: ReadonlyArray<Entry>
}

export const none: Tokens = { entries: [] }

const maxFileBytes = 65_536

/** Every entry is compared, whether or not an earlier one fitted, so that time tells nothing. */
export const roleOf = (tokens: Tokens, presented: string): TokenRole | null => {
  const digest = digestOf(presented)
  let role: TokenRole | null = null
  for (const entry of tokens.entries) if (timingSafeEqual(entry.digest, digest)) role = entry.role
  return role
}

export const load = (path: string): Effect.Effect<Tokens, TokenFileError> =>
  Effect.suspend(() => {
    const text = readPrivately(path)
    return Either.isLeft(text)
      ? Effect.fail(new TokenFileError({ path, reason: text.left }))
      : Either.match(parse(text.right), {
          onLeft: (reason) => Effect.fail(new TokenFileError({ path, reason })),
          onRight: Effect.succeed,
        })
  })

/** The mode is that of the very file that is read: it is looked at through the open descriptor. */
const readPrivately = (path: string): Either.Either<string, string> => {
  let descriptor: number | null = null
  try {
    // Without waiting: opening a FIFO would last until somebody writes to it.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) return Either.left("it is no regular file")
    if ((stat.mode & 0o077) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, "0")
      return Either.left(`its mode is ${mode}, so others can read it; run: chmod 600 ${path}`)
    }
    const own = process.getuid?.()
    if (own !== undefined && stat.uid !== own && stat.uid !== 0) {
      return Either.left(`it belongs to uid ${stat.uid}; it must belong to the agent's own user (${own}) or root`)
    }
    if (stat.size > maxFileBytes) return Either.left(`it is ${stat.size} bytes long; at most ${maxFileBytes} are read`)
    return Either.right(readFileSync(descriptor, "utf8"))
  } catch (error) {
    return Either.left(
      error instanceof Error && "code" in error ? `${String(error.code)} on reading it` : "it is unreadable",
    )
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}

/** Lines `role token`; empty ones and those that begin with # are passed over. */
export const parse = (text: string): Either.Either<Tokens, string> => {
  const entries: Array<Entry> = []
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim()
    if (line === "" || line.startsWith("#")) continue
    const [role = "", token = "", ...rest] = line.split(/\s+/)
    const fault = faultOf(role, token, rest.length > 0)
    if (fault !== null) return Either.left(`line ${index + 1}: ${fault}`)
    const digest = digestOf(token)
    if (entries.some((entry) => entry.digest.equals(digest))) {
      return Either.left(`line ${index + 1}: this token stands in the file before; each may stand once`)
    }
    entries.push({ digest, role: role as TokenRole })
  }
  return entries.length === 0
    ? Either.left("it holds no token; a line reads: operator <token>, and `openssl rand -base64 48` makes a token")
    : Either.right({ entries })
}

const faultOf = (role: string, token: string, more: boolean): string | null => {
  if (role !== "viewer" && role !== "operator" && role !== "admin") {
    return "it must begin with viewer, operator or admin, then one space and the token"
  }
  if (token === "" || more) return "it must be a role and one token, nothing else"
  if (!/^[\w\-+/=.~]+$/.test(token)) return "a token is made of letters, digits and - _ + / = . ~"
  if (token.length < 43 || (token.length < 64 && /^[0-9a-fA-F]+$/.test(token))) {
    return "the token is shorter than 256 bits: at least 43 characters of base64, or 64 of hexadecimal"
  }
  if (new Set(token).size < 8) return "the token is made of too few different characters to be a random one"
  return null
}

const digestOf = (token: string): Buffer => createHash("sha256").update(token).digest()
