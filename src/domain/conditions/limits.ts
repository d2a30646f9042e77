// Every bound of a condition, by name: what it may say, and what one evaluation of it may cost.

export const limits = {
  /** Of the text. */
  characters: 2048,
  /** Of the tree: brackets within brackets, and operators within operators. */
  depth: 100,
  nodes: 500,
  /** Nodes evaluated plus elements looked at. */
  steps: 100_000,
  /** For all constant parts together, computed when the condition is set. */
  constantSteps: 5000,
  /** A text or list that an operator makes. */
  length: 100_000,
  /** Of a whole number. */
  bits: 2048,
} as const
