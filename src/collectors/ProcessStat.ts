// One process as /proc/<pid>/stat tells it, parsed from the bytes as they lie in the buffer.

export interface ProcessStat {
  readonly pid: number
  readonly parentPid: number
  /** The kernel's name of it, up to 15 bytes: whatever is not UTF-8 among them reads as U+FFFD. */
  readonly name: string
  readonly state: string
  readonly cpuTicks: number
  readonly threads: number
  readonly startTicks: number
  readonly virtualBytes: number
  readonly residentPages: number
}

/** Numbers after the state, counted as proc(5) does: the parent is field 4. */
const firstNumber = 4
const lastNumber = 24
const numbers = new Float64Array(lastNumber - firstNumber + 1)

const space = 32
const minus = 45
const closing = 41

/** A number of the line scanned last, good until the next one: the parent is field 4, the resident pages are field 24. */
export const field = (number: number): number => numbers[number - firstNumber] ?? 0

/**
 * Reads the numbers of a line and tells where the parenthesis stands that closes the name; -1 for bytes that are no whole stat
 * line. A name may hold any byte, `) R 1 1 (` too: it ends at the last parenthesis.
 */
export const scan = (bytes: Buffer, length: number): number => {
  const close = lastClosing(bytes, length)
  return close > 0 && readNumbers(bytes, close + 4, length) ? close : -1
}

export const parse = (bytes: Buffer, length: number): ProcessStat | null => {
  const opening = bytes.indexOf("(")
  const close = scan(bytes, length)
  if (opening < 2 || close < opening) return null
  return {
    pid: Number(bytes.toString("latin1", 0, opening - 1)),
    parentPid: field(4),
    name: bytes.toString("utf8", opening + 1, close),
    state: bytes.toString("latin1", close + 2, close + 3),
    cpuTicks: field(14) + field(15),
    threads: field(20),
    startTicks: field(22),
    virtualBytes: field(23),
    residentPages: field(24),
  }
}

/** Parent and start alone: what a walk over every process needs, without a string made. */
export const parseKinship = (bytes: Buffer, length: number): { parentPid: number; startTicks: number } | null =>
  scan(bytes, length) > 0 ? { parentPid: field(4), startTicks: field(22) } : null

/** The bytes beyond `length` are an earlier file's. */
const lastClosing = (bytes: Buffer, length: number): number =>
  length > 0 ? bytes.lastIndexOf(closing, length - 1) : -1

/** A number counts once something stands behind it: the last one of a cut line may have lost digits. */
const readNumbers = (bytes: Buffer, from: number, end: number): boolean => {
  let index = 0
  let value = 0
  let sign = 1
  let digits = 0
  for (let at = from; at < end && index < numbers.length; at++) {
    const byte = bytes[at] ?? space
    if (byte >= 48 && byte <= 57) {
      value = value * 10 + (byte - 48)
      digits++
    } else if (byte === minus && digits === 0) {
      sign = -1
    } else if (digits > 0) {
      numbers[index++] = sign * value
      value = 0
      digits = 0
      sign = 1
    }
  }
  return index === numbers.length
}
