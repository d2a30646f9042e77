// Round times under the timeline, and how a span of microseconds reads.

import { clockIn, unknown } from "../format.ts"
import { lengthOf, type Window } from "./windows.ts"

/** "12.3 µs", "4.56 ms", "7.8 s", "2.5 min". */
export const micros = (value: number | null): string => {
  if (value === null) return unknown
  const steps: ReadonlyArray<readonly [number, string]> = [
    [3_600e6, "h"],
    [60e6, "min"],
    [1e6, "s"],
    [1e3, "ms"],
    [1, "µs"],
  ]
  const [unit, name] = steps.find(([size]) => Math.abs(value) >= size) ?? [1, "µs"]
  const scaled = value / unit
  return `${scaled.toFixed(unit === 1 || Math.abs(scaled) >= 100 ? 0 : Math.abs(scaled) >= 10 ? 1 : 2)} ${name}`
}

const most = 8
const seconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400]

const stepOf = (length: number): number => {
  const least = length / most
  if (least < 1e6) {
    const power = 10 ** Math.floor(Math.log10(least))
    return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least) ?? power * 10
  }
  return (seconds.find((one) => one * 1e6 >= least) ?? Math.ceil(least / 86_400e6) * 86_400) * 1e6
}

/** The clock's time at the seconds, and between them only the fraction. */
const textAt = (at: number, step: number): string => {
  const clock = clockIn()
  const whole = Math.round(at)
  if (step >= 1e6) return clock.time(whole / 1000)
  const fraction = ((whole % 1e6) + 1e6) % 1e6
  if (fraction === 0) return clock.time(whole / 1000)
  const digits = Math.min(6, Math.max(1, 6 - Math.floor(Math.log10(step))))
  return `.${String(fraction).padStart(6, "0").slice(0, digits)}`
}

export const timeLabels = (window: Window): ReadonlyArray<{ readonly fraction: number; readonly text: string }> => {
  const length = lengthOf(window)
  const step = stepOf(length)
  const labels: Array<{ fraction: number; text: string }> = []
  for (let at = Math.ceil(window.from / step) * step; at < window.to; at += step) {
    labels.push({ fraction: (at - window.from) / length, text: textAt(at, step) })
  }
  return labels
}
