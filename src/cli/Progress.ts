// A progress bar on stderr, for a person who waits for more than a second.

import type { Terminal } from "./Terminal.ts"

export interface Progress {
  readonly at: (done: number, all: number) => void
  /** Takes the bar away. */
  readonly end: () => void
}

const silentMillis = 1000
const redrawMillis = 100
const barWidth = 30

export const make = (terminal: Terminal, label: string, now: () => number = () => performance.now()): Progress => {
  const began = now()
  let drawn = -Infinity
  return {
    at: (done, all) => {
      const time = now()
      if (!terminal.errIsTerminal || time - began < silentMillis || time - drawn < redrawMillis) return
      drawn = time
      const share = all > 0 ? Math.min(1, done / all) : 0
      const filled = Math.round(share * barWidth)
      const bar = `${"#".repeat(filled)}${".".repeat(barWidth - filled)}`
      terminal.err(`\r${`${label} [${bar}] ${Math.floor(share * 100)} %`.slice(0, terminal.columns - 1)}\u001b[K`)
    },
    end: () => {
      if (drawn > -Infinity) terminal.err("\r\u001b[K")
      drawn = -Infinity
    },
  }
}
