// What a check of a whole log found: each damage with its exact range of positions, or a clean bill.

export interface Finding {
  /** First and last position concerned; null where what is wrong has no position. */
  readonly from: number | null
  readonly to: number | null
  readonly reason: string
}

/** What the stored entries say, wherever they lie. */
export interface Inspection {
  readonly logId: string | null
  readonly head: number
  readonly events: number
  readonly blocks: number
  /** Telemetry that retention took away, if any. */
  readonly aged: {
    readonly first: number
    readonly last: number
    readonly events: number
    /** What stays of it, as the tombstone names it. */
    readonly rollups: string
  } | null
  /** What an earlier repair could not save. */
  readonly gaps: ReadonlyArray<{ readonly first: number; readonly last: number }>
  readonly damage: ReadonlyArray<Finding>
  /** Worth knowing, but no harm: a checkpoint that will be folded again, an earlier loss that is on record. */
  readonly notes: ReadonlyArray<Finding>
}

export interface FileDigest {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

export interface Verification extends Inspection {
  readonly directory: string
  readonly intact: boolean
  /** As they were before anything was opened; they are the same afterwards, or `damage` says so. */
  readonly files: ReadonlyArray<FileDigest>
}
