// The known name that a mistyped one most likely meant.

/** null when none is near: a wild guess helps nobody. */
export const nearest = (typed: string, known: Iterable<string>): string | null => {
  const allowed = Math.max(1, Math.floor(typed.length / 3))
  let best: string | null = null
  let bestDistance = allowed + 1
  for (const name of known) {
    const distance = distanceOf(typed.toLowerCase(), name.toLowerCase(), bestDistance)
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** "; did you mean X?" or nothing, to end a sentence with. */
export const suggestion = (typed: string, known: Iterable<string>): string => {
  const name = nearest(typed.slice(0, 64), known)
  return name === null ? "" : `; did you mean ${name}?`
}

/** Edits between two texts, a swap of neighbours being one; stops early once it is sure to be at least `limit`. */
const distanceOf = (left: string, right: string, limit: number): number => {
  if (Math.abs(left.length - right.length) >= limit) return limit
  let beforeLast: Array<number> = []
  let last = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[right.length] ?? limit
}
