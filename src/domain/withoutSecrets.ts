// An event as it may leave the house: what reads like a password, token or key in arguments and data is taken out.

import type { Envelope } from "./Envelope.ts"
import type { Event } from "./Event.ts"

const redacted = "[redacted]"

/** How names of secrets end: `--db-password`, `API_KEY`, `accessToken`; a `--token-file` is none. */
const secretName =
  /(?:(?:^|[-_.])(?:pass|pwd|auth)|password|passwd|passphrase|secret|token|(?:api|access|secret|private)[-_]?key|credentials?|authorization)$/i
const assignment = /^(-{0,2}[\w.-]+)=(.*)$/s
const credentialsInUrl = /\/\/[^/@\s]+@/g
const scheme = /\b(Bearer|Basic) +\S+/gi

const withoutCredentials = (text: string): string =>
  text.replace(credentialsInUrl, `//${redacted}@`).replace(scheme, `$1 ${redacted}`)

/** What follows a flag of such a name is its secret, unless it is a flag itself. */
const cleanArguments = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const cleaned = words.map((word, index) => {
    const flag = words[index - 1] ?? ""
    if (flag.startsWith("-") && !flag.includes("=") && secretName.test(flag) && !word.startsWith("-")) return redacted
    const [, name = "", value = ""] = assignment.exec(word) ?? []
    return value !== "" && secretName.test(name) ? `${name}=${redacted}` : withoutCredentials(word)
  })
  return cleaned.every((word, index) => word === words[index]) ? words : cleaned
}

const cleanLine = (line: string): string => cleanArguments(line.split(" ")).join(" ")

/** The same value when there is nothing to take out. */
const clean = (value: unknown, key: string): unknown => {
  if (typeof value === "string") {
    if (value !== "" && secretName.test(key)) return redacted
    return key === "commandLine" ? cleanLine(value) : withoutCredentials(value)
  }
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) {
    const items: ReadonlyArray<unknown> = value
    if (items.every((one) => typeof one === "string")) return cleanArguments(items)
    const cleaned = items.map((one) => clean(one, key))
    return cleaned.every((one, index) => one === items[index]) ? value : cleaned
  }
  let changed: Record<string, unknown> | null = null
  for (const [name, one] of Object.entries(value)) {
    const cleaned = clean(one, name)
    if (cleaned === one) continue
    changed ??= { ...value }
    changed[name] = cleaned
  }
  return changed ?? value
}

/** Names and numbers of our own, by the million. */
const isPlain = (event: Event): boolean => "op" in event || event._tag === "Ticked" || event._tag === "SamplesTaken"

export const withoutSecrets = (envelope: Envelope): Envelope => {
  const { event } = envelope
  if (isPlain(event)) return envelope
  if (event._tag === "ProcessesSampled") {
    const facts = clean(event.facts, "facts") as typeof event.facts
    return facts === event.facts ? envelope : { ...envelope, event: { ...event, facts } }
  }
  const cleaned = clean(event, "") as Event
  return cleaned === event ? envelope : { ...envelope, event: cleaned }
}
