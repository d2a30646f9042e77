// Finds HTTP/2 sessions that are over without anybody having said so.

import type { ServerHttp2Session } from "node:http2"

/**
 * A session that broke the protocol (bad header compression, a flood of resets) is ended by nghttp2: it says goodbye and
 * from then on neither reads nor writes, so that not even the client's leaving is seen, and node reports nothing. What
 * shows it is a ping that cannot leave. Clients are not asked to answer one: a rank may compute for minutes before it
 * looks at its socket again.
 */
export interface Liveness {
  /** To be called about once a second. */
  readonly look: () => void
  readonly add: (session: ServerHttp2Session) => void
  readonly remove: (session: ServerHttp2Session) => void
}

/** Looks in a row at which nothing left, though something had to. */
const maxStuckLooks = 3

interface Seen {
  bytesRead: number
  bytesWritten: number
  pinged: boolean
  stuck: number
}

export const make = (): Liveness => {
  const sessions = new Map<ServerHttp2Session, Seen>()
  return {
    add: (session) => sessions.set(session, { bytesRead: 0, bytesWritten: 0, pinged: false, stuck: 0 }),
    remove: (session) => sessions.delete(session),
    look: () => {
      for (const [session, seen] of sessions) lookAt(session, seen)
    },
  }
}

const lookAt = (session: ServerHttp2Session, seen: Seen): void => {
  if (session.destroyed) return
  const { bytesRead, bytesWritten } = session.socket
  if (seen.pinged) {
    const waiting = (session.state.outboundQueueSize ?? 0) > 0
    seen.stuck = waiting && bytesWritten === seen.bytesWritten ? seen.stuck + 1 : 0
    seen.pinged = waiting
    if (seen.stuck >= maxStuckLooks) session.destroy()
  } else if (bytesRead !== seen.bytesRead) {
    // The pong is no news; without this an idle client would be pinged for ever.
    seen.pinged = session.ping(() => {
      if (!session.destroyed) seen.bytesRead = session.socket.bytesRead
    })
  }
  seen.bytesRead = bytesRead
  seen.bytesWritten = bytesWritten
}
