// Where a command writes to, and whether a person is looking.

export interface Terminal {
  /** Resolves once more may be written: a slow reader slows the writer down. */
  readonly out: (content: string | Uint8Array) => Promise<void>
  readonly err: (text: string) => void
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  readonly columns: number
}

export const ofProcess = (): Terminal => ({
  out: (content) =>
    new Promise((resolve, reject) => {
      const written = process.stdout.write(content, (error) => (error ? reject(error) : undefined))
      if (written) resolve()
      else process.stdout.once("drain", resolve)
    }),
  err: (text) => void process.stderr.write(text),
  outIsTerminal: process.stdout.isTTY ?? false,
  errIsTerminal: process.stderr.isTTY ?? false,
  columns: process.stderr.columns ?? 80,
})

/** A reader that has seen enough (`| head`) closes the pipe; that is the end of the work and nobody's failure. */
export const endQuietlyWhenClosed = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      process.exit(error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED" ? 0 : 1)
    })
  }
}
