// The tree of a condition: every kind of node that there is. What is not here cannot be said.

import type { Value } from "./Value.ts"

export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**"
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in" | "is" | "is not"

interface Placed {
  /** Where it stands in the text. */
  readonly at: number
  /** Nodes from here to the deepest leaf. */
  readonly depth: number
}

export interface Constant extends Placed {
  readonly kind: "constant"
  readonly value: Value
}
export interface Name extends Placed {
  readonly kind: "name"
  readonly name: string
}
export interface Not extends Placed {
  readonly kind: "not"
  readonly operand: Term
}
export interface Junction extends Placed {
  readonly kind: "and" | "or"
  readonly operands: ReadonlyArray<Term>
}
export interface Comparing extends Placed {
  readonly kind: "compare"
  readonly first: Term
  readonly rest: ReadonlyArray<{ readonly operator: Comparison; readonly operand: Term }>
}
export interface Unary extends Placed {
  readonly kind: "unary"
  readonly operator: "+" | "-"
  readonly operand: Term
}
export interface Binary extends Placed {
  readonly kind: "binary"
  readonly operator: BinaryOperator
  readonly left: Term
  readonly right: Term
}
export interface Index extends Placed {
  readonly kind: "index"
  readonly object: Term
  readonly index: Term
}
export interface Slice extends Placed {
  readonly kind: "slice"
  readonly object: Term
  readonly start: Term | null
  readonly stop: Term | null
  readonly step: Term | null
}
/** `object.get(key)` and `object.get(key, default)`: the one method. */
export interface Get extends Placed {
  readonly kind: "get"
  readonly object: Term
  readonly key: Term
  readonly otherwise: Term | null
}
export interface Call extends Placed {
  readonly kind: "call"
  readonly name: string
  readonly operands: ReadonlyArray<Term>
}
export interface Display extends Placed {
  readonly kind: "list" | "tuple"
  readonly items: ReadonlyArray<Term>
}

export type Term = Constant | Name | Not | Junction | Comparing | Unary | Binary | Index | Slice | Get | Call | Display

export const childrenOf = (node: Term): ReadonlyArray<Term> => {
  switch (node.kind) {
    case "constant":
    case "name":
      return []
    case "not":
    case "unary":
      return [node.operand]
    case "and":
    case "or":
    case "call":
      return node.operands
    case "compare":
      return [node.first, ...node.rest.map(({ operand }) => operand)]
    case "binary":
      return [node.left, node.right]
    case "index":
      return [node.object, node.index]
    case "slice":
      return [node.object, node.start, node.stop, node.step].filter((each) => each !== null)
    case "get":
      return node.otherwise === null ? [node.object, node.key] : [node.object, node.key, node.otherwise]
    case "list":
    case "tuple":
      return node.items
  }
}
