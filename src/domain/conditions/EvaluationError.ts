// What stops an evaluation: never more than that the condition does not hold.

/** "missing": a name or key that is not there · "type" · "value": a division by zero, an index out of range … · "limit". */
export type Kind = "missing" | "type" | "value" | "limit"

export class EvaluationError extends Error {
  readonly kind: Kind
  constructor(kind: Kind, reason: string) {
    super(reason)
    this.kind = kind
  }
}
