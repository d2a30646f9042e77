// A named, versioned fold from entries of a log to what is known.

/**
 * `evolve` is total and deterministic. The state handed in is consumed: it may be updated in place and must not be
 * used again, so that a fold over millions of events does not copy; whoever keeps a state takes a `copy`.
 */
export interface Fold<State, Entry> {
  readonly name: string
  /** Changes with the meaning of the state: checkpoints of another version are not used. */
  readonly version: number
  /** Collectives, which come by the hundred thousand, change nothing in it: it is spared them. */
  readonly ignoresCollectives?: true
  readonly initial: () => State
  readonly evolve: (state: State, envelope: Entry) => State
  /** An independent copy of the state, for checkpoints and for the past. */
  readonly copy: (state: State) => State
}
