// The names of series: what a history is of. A name that ends in a slash stands for every series below it.

import type { EventKind } from "../../log/EventLog.ts"

export const host = "host"
/** One process; its start tells it from others that had the same pid. */
export const ofProcess = (pid: number, startTicks: number): string => `process/${pid}/${startTicks}`
/** Whatever had this pid, one series a process. */
export const ofPid = (pid: number): string => `process/${pid}/`
/** Like operations: kind of op, type of its elements, power of two of its bytes, number of ranks; "-" for what is not known. */
export const ofOperations = (
  op: string,
  dataType: string | null,
  sizeClass: number | null,
  ranks: number | null,
): string => `collective/${encodeURIComponent(op)}/${part(dataType)}/${part(sizeClass)}/${part(ranks)}`

export const covers = (asked: string, key: string): boolean =>
  asked.endsWith("/") || asked === "" ? key.startsWith(asked) : key === asked

/** The kinds of events that a series can be read from: the others are passed over unpacked. */
export const kindsOf = (asked: string): ReadonlyArray<EventKind> => {
  if (asked === "") return ["sample", "collective"]
  return asked.startsWith("collective/") ? ["collective"] : ["sample"]
}

const part = (value: string | number | null): string => (value === null ? "-" : encodeURIComponent(value))
