// Ends HTTP/2 answers that their client asked for and does not take: each holds its bytes for as long as the stream is open.

import { constants, type ServerHttp2Stream } from "node:http2"

export interface Held {
  /** To be called about once a second. */
  readonly look: () => void
  readonly add: (stream: ServerHttp2Stream) => void
  readonly remove: (stream: ServerHttp2Stream) => void
}

/** The slowest client that is waited for, beyond the time that a stalled one has. */
const leastBytesPerMilli = 16

const stillAnswering = 0

export const make = (stallMillis: number): Held => {
  /** When the rest of an answer that is complete on this side must have left. */
  const due = new Map<ServerHttp2Stream, number>()
  return {
    add: (stream) => due.set(stream, stillAnswering),
    remove: (stream) => due.delete(stream),
    look: () => {
      const now = performance.now()
      for (const [stream, at] of due) {
        if (at === stillAnswering) {
          if (stream.writableEnded) due.set(stream, now + stallMillis + stream.writableLength / leastBytesPerMilli)
        } else if (at <= now) stream.close(constants.NGHTTP2_CANCEL)
      }
    },
  }
}
