// A terminal in memory, and the program run in it.

import { dispatch } from "../../src/cli/dispatch.ts"
import type { Terminal } from "../../src/cli/Terminal.ts"

export interface Seen {
  readonly terminal: Terminal
  readonly out: () => string
  readonly err: () => string
}

export const memoryTerminal = (traits: Partial<Terminal> = {}): Seen => {
  const out: Array<Buffer> = []
  let err = ""
  return {
    terminal: {
      out: (content) => Promise.resolve(void out.push(Buffer.from(content))),
      err: (text) => void (err += text),
      outIsTerminal: false,
      errIsTerminal: false,
      columns: 80,
      keys: null,
      ...traits,
    },
    out: () => Buffer.concat(out).toString(),
    err: () => err,
  }
}

/** The whole program but its process: exit code, stdout and stderr. */
export const annalist = async (...words: ReadonlyArray<string>) => {
  const seen = memoryTerminal()
  const code = await dispatch(words, {}, seen.terminal)
  return { code, out: seen.out(), err: seen.err() }
}
