// Medians and their like, over plain lists of numbers; NaN stands for what is not known and is left out.

/** Room for sorting, reused: medians are taken often and of little. */
let room = new Float64Array(256)

/** Sorts the known values into the room and answers how many there are. */
const sortInto = (values: ArrayLike<number>): number => {
  if (values.length > room.length) room = new Float64Array(2 * values.length)
  let count = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN
    if (value === value) room[count++] = value
  }
  if (count > 32) room.subarray(0, count).sort()
  else insertionSort(count)
  return count
}

const insertionSort = (count: number): void => {
  for (let index = 1; index < count; index++) {
    const value = room[index] ?? 0
    let at = index
    for (; at > 0 && (room[at - 1] ?? 0) > value; at--) room[at] = room[at - 1] ?? 0
    room[at] = value
  }
}

export const medianOf = (values: ArrayLike<number>): number => {
  const count = sortInto(values)
  const half = count >> 1
  if (count === 0) return Number.NaN
  const upper = room[half] ?? Number.NaN
  return count % 2 === 1 ? upper : ((room[half - 1] ?? upper) + upper) / 2
}

/** The lower of the two in the middle: a value that really occurred. */
export const lowerMedianOf = (values: ArrayLike<number>): number => {
  const count = sortInto(values)
  return count === 0 ? Number.NaN : (room[(count - 1) >> 1] ?? Number.NaN)
}

/** Median absolute deviation from a middle. */
export const deviationOf = (values: ReadonlyArray<number>, middle: number): number =>
  medianOf(values.map((value) => Math.abs(value - middle)))
