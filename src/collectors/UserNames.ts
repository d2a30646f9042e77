// Names of users by their number, as the host's passwd file has them.

import { readFileSync, statSync } from "node:fs"

/** Null for a number that has no name. Reads the file again when it changed. */
export const make = (file: string): ((uid: number) => string | null) => {
  let names: ReadonlyMap<number, string> = new Map()
  let readAt = Number.NaN
  return (uid) => {
    const changedAt = changeOf(file)
    if (changedAt !== readAt) {
      names = parse(file)
      readAt = changedAt
    }
    return names.get(uid) ?? null
  }
}

const changeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** The first line of a number wins, as it does for getpwuid. */
const parse = (file: string): ReadonlyMap<number, string> => {
  const names = new Map<number, string>()
  for (const line of textOf(file).split("\n")) {
    const [name, , uid] = line.split(":")
    if (name === undefined || uid === undefined || !/^\d+$/.test(uid) || names.has(Number(uid))) continue
    names.set(Number(uid), name)
  }
  return names
}

const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    // A container without one: numbers have to do.
    return ""
  }
}
