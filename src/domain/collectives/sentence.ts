// The words of a verdict: one sentence that an engineer understands at three in the morning.

import type { Culprit } from "./Verdict.ts"

const maxNamed = 8

const whereabouts = ({ pid, host }: Culprit): string => {
  const parts = [pid === null ? null : `pid ${pid}`, host].filter((part) => part !== null)
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`
}

/** `rank 5 (pid 4312, node-3)`, or several of them; very many are counted. */
export const ranksOf = (culprits: ReadonlyArray<Culprit>): string => {
  const named = culprits.slice(0, maxNamed).map((culprit) => `${culprit.rank}${whereabouts(culprit)}`)
  const more = culprits.length > named.length ? ` and ${culprits.length - named.length} more` : ""
  return `${culprits.length === 1 ? "rank" : "ranks"} ${named.join(", ")}${more}`
}

export const numbersOf = (ranks: ReadonlyArray<number>): string => {
  const named = ranks.slice(0, maxNamed).join(", ")
  return `${ranks.length === 1 ? "rank" : "ranks"} ${named}${ranks.length > maxNamed ? ` and ${ranks.length - maxNamed} more` : ""}`
}

export const call = (op: string, ordinal: number | null, filename: string): string =>
  `${op}${ordinal === null ? "" : ` #${ordinal}`}${filename === "" ? "" : ` of ${filename}`}`

export const counted = (count: number, what = "rank"): string => `${count} ${what}${count === 1 ? "" : "s"}`

export const waits = (count: number): string => `${counted(count)} ${count === 1 ? "waits" : "wait"}`

/** What is known of the processes: of one, what it is; of several, what they have in common. */
export const labelsOf = (culprits: ReadonlyArray<Culprit>): string => {
  const [first] = culprits
  if (first === undefined) return ""
  return culprits.every(({ label }) => label === first.label) ? `; ${first.label}` : ""
}

export const duration = (micros: number): string => {
  if (!(micros >= 1000)) return `${Math.round(micros)} µs`
  return micros < 1e6 ? `${(micros / 1000).toPrecision(3)} ms` : `${(micros / 1e6).toPrecision(3)} s`
}
