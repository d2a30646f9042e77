// How numbers and times read on the page. Null is "not known" and reads as a dash.

export const unknown = "–"

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]

export const bytes = (value: number | null): string => {
  if (value === null) return unknown
  let scaled = value
  let unit = 0
  while (scaled >= 1023.5 && unit < units.length - 1) {
    scaled /= 1024
    unit++
  }
  const digits = unit === 0 || scaled >= 99.5 ? 0 : 1
  return `${scaled.toFixed(digits)} ${units[unit]}`
}

export const percent = (value: number | null): string => (value === null ? unknown : `${value.toFixed(1)} %`)

export const decimal = (value: number | null): string => (value === null ? unknown : value.toFixed(2))

const grouped = new Intl.NumberFormat("en")

export const count = (value: number | null): string => (value === null ? unknown : grouped.format(value))

/** "35 s", "2 min 5 s", "1 h 3 min", "2 d 4 h": the two units that matter. */
export const duration = (seconds: number | null): string => {
  if (seconds === null) return unknown
  const whole = Math.max(0, Math.floor(seconds))
  const parts: ReadonlyArray<readonly [number, string]> = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ]
  const first = parts.findIndex(([value]) => value > 0)
  if (first === -1) return "0 s"
  return parts
    .slice(first, first + 2)
    .filter(([value], index) => index === 0 || value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ")
}

export interface Clock {
  /** "03:12:45" */
  readonly time: (millis: number) => string
  /** "Sat 31 Jan 2026" */
  readonly day: (millis: number) => string
  /** "31 Jan 03:12:45" */
  readonly dayAndTime: (millis: number) => string
  /** "UTC+1" */
  readonly zone: (millis: number) => string
}

const clocks = new Map<string, Clock>()

/** Times in a zone, the reader's own unless one is given; 24 hours, whatever the reader's locale, as logs have them. */
export const clockIn = (timeZone?: string): Clock => {
  const key = timeZone ?? ""
  const known = clocks.get(key)
  if (known !== undefined) return known
  const made = makeClock(timeZone)
  clocks.set(key, made)
  return made
}

const makeClock = (timeZone: string | undefined): Clock => {
  const formatter = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", timeZone === undefined ? options : { ...options, timeZone })
  const time = formatter({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" })
  const day = formatter({ weekday: "short", day: "numeric", month: "short", year: "numeric" })
  const short = formatter({ day: "numeric", month: "short" })
  const zone = formatter({ timeZoneName: "short" })
  return {
    time: (millis) => time.format(millis),
    day: (millis) => day.format(millis).replace(",", ""),
    dayAndTime: (millis) => `${short.format(millis)} ${time.format(millis)}`,
    zone: (millis) => zone.formatToParts(millis).find((part) => part.type === "timeZoneName")?.value ?? "",
  }
}

const signalNames: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
}

export const exit = (code: number | null, signal: number | null): string => {
  if (code !== null) return `code ${code}`
  if (signal === null) return unknown
  const name = signalNames[signal]
  return name === undefined ? `signal ${signal}` : `signal ${signal} (${name})`
}

const kernelStates: Readonly<Record<string, string>> = {
  R: "running",
  S: "sleeping",
  D: "uninterruptible",
  T: "stopped",
  t: "traced",
  Z: "zombie",
  I: "idle",
  X: "dead",
}

/** States in which a process that should work does not. */
export const isStuck = (letter: string | null): boolean => letter !== null && "DTtZX".includes(letter)

export const kernelState = (letter: string | null): string => {
  if (letter === null) return unknown
  const word = kernelStates[letter]
  return word === undefined ? letter : `${letter} ${word}`
}

/** Ranks as people write them: "0–3, 7". */
export const ranks = (values: ReadonlyArray<number>): string => {
  const runs: Array<[number, number]> = []
  for (const value of values.toSorted((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last !== undefined && value <= last[1] + 1) last[1] = value
    else runs.push([value, value])
  }
  const said = ([from, to]: readonly [number, number]) =>
    from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`
  return runs.map(said).join(", ")
}
