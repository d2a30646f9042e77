// The settings that the configuration file holds: one JSON object, its keys in camel case.

import { suggestion } from "../nearest.ts"
import type { Given } from "./given.ts"
import { names, type SettingName } from "./table.ts"

export interface ConfigurationFile {
  /** As the user knows it, for messages. */
  readonly path: string
  readonly text: string
}

const known: ReadonlySet<string> = new Set(names)

export const fromFile = (
  file: ConfigurationFile | null,
): { readonly given: Given; readonly problems: ReadonlyArray<string> } => {
  const given: Given = new Map()
  if (file === null) return { given, problems: [] }
  const content = parseObject(file)
  if (typeof content === "string") return { given, problems: [content] }
  const problems: Array<string> = []
  for (const [key, value] of Object.entries(content)) {
    if (key === "$schema") continue
    if (!known.has(key)) {
      problems.push(`${file.path} sets "${key.slice(0, 80)}", which is no setting${suggestion(key, names)}`)
      continue
    }
    const text = textOf(value)
    if (text === null) {
      problems.push(`"${key}" in ${file.path} is no text, number, true, false or list of these`)
    } else given.set(key as SettingName, { text, where: `"${key}" in ${file.path}` })
  }
  return { given, problems }
}

const parseObject = (file: ConfigurationFile): Record<string, unknown> | string => {
  try {
    const content: unknown = JSON.parse(file.text.replace(/^\uFEFF/, ""))
    if (typeof content === "object" && content !== null && !Array.isArray(content)) {
      return content as Record<string, unknown>
    }
    return `${file.path} is no JSON object; it takes settings such as {"port": 8080}`
  } catch (error) {
    return `${file.path} is not JSON (${error instanceof Error ? error.message : String(error)}); it takes settings such as {"port": 8080}`
  }
}

/** The same text as a user would have typed as a flag, so that one parser serves all sources. */
const textOf = (value: unknown): string | null => {
  if (typeof value === "string") return value
  if (typeof value === "number") return String(value)
  if (typeof value === "boolean") return value ? "on" : "off"
  if (value === null) return "none"
  if (!Array.isArray(value)) return null
  const parts = value.map((part: unknown) =>
    typeof part === "number" || (typeof part === "string" && !part.includes(",")) ? String(part) : null,
  )
  return parts.includes(null) ? null : parts.join(",")
}
