// All sources to one typed object: flags over environment over file over defaults. A pure function; all problems at once.

import { type ConfigurationFile, fromFile } from "./configurationFile.ts"
import { isLoopback } from "../../http/Peer.ts"
import { fromEnvironment } from "./environment.ts"
import type { Given } from "./given.ts"
import { flagOf, names, rowOf, type SettingName, type Settings } from "./table.ts"

export interface Sources {
  /** Values of flags, by the flag's name without dashes; others than settings are passed over. */
  readonly flags: ReadonlyMap<string, string>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly file: ConfigurationFile | null
  readonly hostName: string
  /** Defaults of a command that differ from the table's; only a flag overrides them (`open` takes free ports unless told). */
  readonly ownDefaults?: Partial<Record<SettingName, string>>
}

export type Resolved =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: ReadonlyArray<string> }

export const resolve = (sources: Sources): Resolved => {
  const file = fromFile(sources.file)
  const environment = fromEnvironment(sources.environment)
  const problems = [...environment.problems, ...file.problems]
  const flags = fromFlags(sources.flags)
  const settings: Partial<Record<SettingName, unknown>> = {}
  for (const name of names) {
    const row = rowOf(name)
    const own = sources.ownDefaults?.[name]
    const given =
      flags.get(name) ??
      (own === undefined ? (environment.given.get(name) ?? file.given.get(name)) : { text: own, where: "the default" })
    const text = given?.text ?? row.fallback ?? sources.hostName
    const parsed = row.takes.parse(text)
    if (parsed.ok) settings[name] = parsed.value
    else
      problems.push(
        `${given?.where ?? `the default of --${flagOf(name)}`} is "${shown(text)}"; it takes ${row.takes.takes}`,
      )
  }
  problems.push(...disagreements(settings as Settings))
  return problems.length === 0 ? { ok: true, settings: settings as Settings } : { ok: false, problems }
}

const fromFlags = (flags: ReadonlyMap<string, string>): Given => {
  const given: Given = new Map()
  for (const name of names) {
    const text = flags.get(flagOf(name))
    if (text !== undefined) given.set(name, { text, where: `--${flagOf(name)}` })
  }
  return given
}

/** Settings that are each right and make no sense together. */
const disagreements = (settings: Settings): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const has = (name: SettingName) => settings[name] !== null && settings[name] !== undefined
  if (has("tlsCert") !== has("tlsKey")) {
    problems.push(
      `--${has("tlsCert") ? "tls-cert" : "tls-key"} is set alone; TLS takes --tls-cert and --tls-key together`,
    )
  } else if (has("tlsClientCa") && !has("tlsCert")) {
    problems.push("--tls-client-ca is set alone; it takes --tls-cert and --tls-key with it")
  }
  if (has("mqttPort") && has("host") && !has("mqttUsername") && !isLoopback(settings.host)) {
    problems.push(
      "--mqtt-port opens a broker beyond loopback; it takes --mqtt-username and --mqtt-password-file with it",
    )
  }
  for (const [name, what] of unserved) {
    if (has(name)) problems.push(`--${flagOf(name)} is set, and ${what} is not served by this version; leave it out`)
  }
  return problems
}

/** Better refused than taken in silence. */
const unserved: ReadonlyArray<readonly [SettingName, string]> = [["natsUrl", "a fleet over NATS"]]

/** A bad value may hold a password (a URL in the wrong place) or be very long. */
const shown = (text: string): string => {
  const plain = text.replace(/\/\/[^/@\s]*@/g, "//[redacted]@").replaceAll(/[\p{Cc}]/gu, "?")
  return plain.length <= 80 ? plain : `${plain.slice(0, 80)}…`
}
