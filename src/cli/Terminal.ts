// Where a command writes to, and whether a person is looking.

import { emitKeypressEvents } from "node:readline"

export interface Terminal {
  /** Resolves once it is written: a slow reader slows the writer down. Rejects when nobody reads any more. */
  readonly out: (content: string | Uint8Array) => Promise<void>
  readonly err: (text: string) => void
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  readonly columns: number
  /** Hands on every key that is pressed, until the function that it returns is called; null where no keyboard is. */
  readonly keys: ((pressed: (key: string) => void) => () => void) | null
}

export const ofProcess = (): Terminal => {
  // Without these a closed pipe would be an uncaught error. An agent goes on without its log's reader; whoever writes
  // data learns of it from `out`.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined)
  return {
    out: (content) =>
      new Promise((resolve, reject) => {
        process.stdout.write(content, (error) => (error ? reject(error) : resolve()))
      }),
    err: (text) => void process.stderr.write(text),
    outIsTerminal: process.stdout.isTTY ?? false,
    errIsTerminal: process.stderr.isTTY ?? false,
    columns: process.stderr.columns ?? 80,
    keys: (process.stdin.isTTY ?? false) ? listenToKeys : null,
  }
}

/** Keys come one by one and unechoed; ^C stays what it is. */
const listenToKeys = (pressed: (key: string) => void): (() => void) => {
  const onKey = (
    _: string | undefined,
    key: { readonly name?: string; readonly sequence?: string; readonly ctrl?: boolean },
  ) => {
    if (key.ctrl === true && key.name === "c") process.kill(process.pid, "SIGINT")
    else if (key.name === "left" || key.name === "right") pressed(key.name)
    else pressed(key.sequence ?? "")
  }
  emitKeypressEvents(process.stdin)
  process.stdin.setRawMode(true)
  process.stdin.on("keypress", onKey)
  process.stdin.resume()
  return () => {
    process.stdin.off("keypress", onKey)
    process.stdin.setRawMode(false)
    process.stdin.pause()
  }
}

/** A reader that has seen enough (`| head`) closes the pipe: the end of the work, and nobody's failure. */
export const isClosedPipe = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED" || error.code === "ERR_STREAM_WRITE_AFTER_END")
