// The settings that the environment holds: ours by name, the seeds' own names, and what is not meant for us at all.

import { suggestion } from "../nearest.ts"
import type { Given } from "./given.ts"
import { environmentNameOf, names, type SettingName } from "./table.ts"

const byEnvironmentName: ReadonlyMap<string, SettingName> = new Map(
  names.map((name) => [environmentNameOf(name), name]),
)

/** The mark of a managed process and of the long tests, in either of which an agent may run, and what reporters and routines read. */
const othersNames: ReadonlySet<string> = new Set([
  "ANNALIST_PROCESS",
  "ANNALIST_SOAK",
  "ANNALIST_URL",
  "ANNALIST_TOKEN",
  "ANNALIST_CCL_URL",
  "ANNALIST_RUN_ID",
])

const reporterNames = /^ANNALIST_REPORT(?:_\w+)?$/

/** Kubernetes hands every pod the addresses of the services of its namespace; one called annalist collides with our names. */
const serviceNames =
  /^ANNALIST_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/
const serviceAddress = /^(?:tcp|udp|sctp):\/\//

const notMeantForUs = (name: string, value: string): boolean =>
  othersNames.has(name) ||
  reporterNames.test(name) ||
  serviceNames.test(name) ||
  (name.endsWith("PORT") && serviceAddress.test(value))

/** An empty value counts as not set, as is the custom of compose files and unit files. */
export const fromEnvironment = (
  environment: Readonly<Record<string, string | undefined>>,
): { readonly given: Given; readonly problems: ReadonlyArray<string> } => {
  const given: Given = new Map()
  const problems: Array<string> = []
  adoptSeedNames(environment, given, problems)
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith("ANNALIST_") || value === undefined || value === "" || notMeantForUs(name, value)) continue
    const known = byEnvironmentName.get(name)
    if (known === undefined) {
      problems.push(`the environment sets ${name}, which is no setting${suggestion(name, byEnvironmentName.keys())}`)
    } else given.set(known, { text: value, where: `${name} (environment)` })
  }
  return { given, problems }
}

/** Propeller's two names; our own names, read after them, win. */
const adoptSeedNames = (
  environment: Readonly<Record<string, string | undefined>>,
  given: Given,
  problems: Array<string>,
): void => {
  const interval = environment["PROPLET_METRICS_INTERVAL"] ?? ""
  if (interval !== "") {
    given.set("profileInterval", { text: interval, where: "PROPLET_METRICS_INTERVAL (environment)" })
  }
  const enabled = environment["PROPLET_ENABLE_MONITORING"] ?? ""
  if (/^(?:false|0|off)$/i.test(enabled)) {
    given.set("profile", { text: "disabled", where: "PROPLET_ENABLE_MONITORING (environment)" })
  } else if (enabled !== "" && !/^(?:true|1|on)$/i.test(enabled)) {
    problems.push(`PROPLET_ENABLE_MONITORING (environment) is "${enabled.slice(0, 80)}"; it takes true or false`)
  }
}
