// Where a command writes to, and whether a person is looking.

export interface Terminal {
  /** Resolves once it is written: a slow reader slows the writer down. Rejects when nobody reads any more. */
  readonly out: (content: string | Uint8Array) => Promise<void>
  readonly err: (text: string) => void
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  readonly columns: number
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
  }
}

/** A reader that has seen enough (`| head`) closes the pipe: the end of the work, and nobody's failure. */
export const isClosedPipe = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED" || error.code === "ERR_STREAM_WRITE_AFTER_END")
