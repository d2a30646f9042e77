// Where the routines of a flow stand in its picture: each right of all that lead to it, circles broken where they close.

import type { FlowAnswer } from "./questions.ts"

export interface Node {
  readonly routine: string
  readonly column: number
  readonly row: number
}

export const layoutOf = ({ routines, connections }: FlowAnswer): ReadonlyArray<Node> => {
  const names = Object.keys(routines)
  const next = new Map(names.map((name) => [name, new Set<string>()]))
  for (const one of connections) next.get(one.source_routine)?.add(one.target_routine)
  const columns = new Map<string, number>()
  const open = new Set<string>()
  const place = (name: string, column: number): void => {
    // A circle: who is still being placed stays where it is.
    if (open.has(name) || (columns.get(name) ?? -1) >= column) return
    columns.set(name, column)
    open.add(name)
    for (const target of next.get(name) ?? [])
      if (columns.has(target) || names.includes(target)) place(target, column + 1)
    open.delete(name)
  }
  const targets = new Set(connections.map((one) => one.target_routine))
  for (const name of names) if (!targets.has(name)) place(name, 0)
  for (const name of names) if (!columns.has(name)) place(name, 0)
  const filled = new Map<number, number>()
  return names.map((routine) => {
    const column = columns.get(routine) ?? 0
    const row = filled.get(column) ?? 0
    filled.set(column, row + 1)
    return { routine, column, row }
  })
}
