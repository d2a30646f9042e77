// What the ranks of one collective have to agree on (op, count, type, root), and what goes with it (algorithm, source file).

import { type Kind, kindOf } from "./kinds.ts"

export interface Signature {
  readonly op: string
  readonly kind: Kind
  /** Null where the reporter does not know: then it agrees with anything. */
  readonly count: number | null
  readonly dataType: string | null
  readonly root: number | null
  readonly algorithm: string | null
  readonly filename: string
}

/** The fields of a record as they came; what makes one call of a program the same as another. */
export interface Call {
  readonly op: string
  readonly count: number | null
  readonly dataType: string | null
  readonly rootRank: number | null
  readonly algorithm: string | null
  readonly filename: string | null
}

export type Difference = "op" | "count" | "type" | "root"

/** What is compared: some reporters' roots and some programs' counts differ by habit. */
export interface Comparison {
  readonly roots: boolean
  readonly counts: (kind: Kind) => boolean
}

/** Signatures are shared: programs repeat a few calls for ever. Beyond so many, new ones are not remembered. */
export interface Signatures {
  readonly recent: Array<Entry>
  next: number
}

interface Entry {
  readonly call: Call
  readonly signature: Signature
}

const maxRecent = 16

export const noSignatures = (): Signatures => ({ recent: [], next: 0 })
export const copySignatures = (from: Signatures): Signatures => ({ recent: from.recent.slice(), next: from.next })

export const signatureOf = (signatures: Signatures, call: Call): Signature => {
  const { recent } = signatures
  for (const entry of recent) if (isCall(entry.call, call)) return entry.signature
  const { op, count, dataType, rootRank, algorithm, filename } = call
  const signature = make(call)
  recent[signatures.next] = { call: { op, count, dataType, rootRank, algorithm, filename }, signature }
  signatures.next = (signatures.next + 1) % maxRecent
  return signature
}

const isCall = (one: Call, other: Call): boolean =>
  one.op === other.op &&
  one.count === other.count &&
  one.dataType === other.dataType &&
  one.rootRank === other.rootRank &&
  one.filename === other.filename &&
  one.algorithm === other.algorithm

const make = (call: Call): Signature => {
  const kind = kindOf(call.op)
  const rooted = kind.shape === "from_root" || kind.shape === "to_root"
  return {
    op: kind.name,
    kind,
    count: kind.carriesData ? call.count : null,
    dataType: kind.carriesData ? typeOf(call.dataType) : null,
    root: rooted && call.rootRank !== null && call.rootRank >= 0 ? call.rootRank : null,
    algorithm: call.algorithm,
    filename: call.filename ?? "",
  }
}

const typeOf = (dataType: string | null): string | null => {
  const name = (dataType ?? "").toLowerCase().replace(/^torch\./, "")
  return name === "" || name === "unknown" ? null : name
}

export const differenceOf = (one: Signature, other: Signature, comparison: Comparison): Difference | null => {
  if (one === other) return null
  if (one.op !== other.op) return "op"
  if (one.count !== other.count && one.count !== null && other.count !== null && comparison.counts(one.kind))
    return "count"
  if (one.dataType !== other.dataType && one.dataType !== null && other.dataType !== null) return "type"
  if (comparison.roots && one.root !== other.root && one.root !== null && other.root !== null) return "root"
  return null
}

/** The value on which two signatures differ, as it is said in a sentence. */
export const valueOf = (signature: Signature, difference: Difference): string => {
  switch (difference) {
    case "op":
      return signature.op
    case "count":
      return `count ${signature.count ?? "unknown"}`
    case "type":
      return `type ${signature.dataType ?? "unknown"}`
    case "root":
      return `root ${signature.root ?? "unknown"}`
  }
}
