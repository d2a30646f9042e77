// Signals by name and number: the names that Node knows, the real-time ones, and bare numbers.

import os from "node:os"

/** The first real-time signal that the libc leaves to programs. */
const realTimeFirst = 34
const last = 64

const numbers: Readonly<Record<string, number>> = os.constants.signals

/** Null for what is no signal: `SIGTERM`, `SIGRTMIN+3` and `37` are. */
export const numberOf = (name: string): number | null => {
  const known = Object.hasOwn(numbers, name) ? numbers[name] : undefined
  if (known !== undefined) return known
  const realTime = /^SIGRTMIN(?:\+(\d{1,2}))?$/.exec(name)
  if (realTime !== null) return within(realTimeFirst + Number(realTime[1] ?? 0))
  return /^\d{1,2}$/.test(name) ? within(Number(name)) : null
}

const within = (number: number): number | null => (number >= 1 && number <= last ? number : null)
