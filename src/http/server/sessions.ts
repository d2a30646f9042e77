// The HTTP/2 half of a port: sessions with bounds, each stream a request.

import * as http2 from "node:http2"
import type { Socket } from "node:net"
import * as Held from "./held.ts"
import * as h2 from "./http2.ts"
import * as Liveness from "./liveness.ts"
import type { Limits } from "./Limits.ts"
import type { BodyBounds } from "./nodeBody.ts"
import type { Serving } from "./Serving.ts"
import { peerOf } from "./socketPeer.ts"

export interface Sessions {
  /** To be called about once a second: ends sessions that are over and do not know it. */
  readonly look: () => void
  readonly take: (socket: Socket) => void
  /** Says goodbye; each session ends with its last stream. */
  readonly close: () => void
  readonly destroy: () => void
}

/** A client that opens streams only to reset them is told off by nghttp2 once it has spent this. */
const resetBudget = { streamResetBurst: 200, streamResetRate: 20 }

export const make = (limits: Limits, bodies: BodyBounds, serving: Serving): Sessions => {
  const sessions = new Set<http2.ServerHttp2Session>()
  const liveness = Liveness.make()
  const held = Held.make(limits.stallMillis)
  const server = http2.createServer({
    maxHeaderListPairs: limits.headFields,
    maxSessionMemory: 16,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    ...resetBudget,
    settings: {
      maxConcurrentStreams: limits.streamsPerSession,
      maxHeaderListSize: limits.headBytes,
      enablePush: false,
    },
  })
  server.on("session", (session) => {
    sessions.add(session)
    liveness.add(session)
    session.once("close", () => {
      sessions.delete(session)
      liveness.remove(session)
    })
    serve(session, limits, bodies, held, serving)
  })
  // A broken session closes itself and concerns nobody else.
  server.on("sessionError", ignored)
  return {
    look: () => {
      liveness.look()
      held.look()
    },
    take: (socket) => {
      server.emit("connection", socket)
    },
    close: () => {
      for (const session of sessions) session.close()
    },
    destroy: () => {
      for (const session of sessions) session.destroy()
    },
  }
}

const serve = (
  session: http2.ServerHttp2Session,
  limits: Limits,
  bodies: BodyBounds,
  held: Held.Held,
  serving: Serving,
): void => {
  const peer = peerOf(session.socket)
  let open = 0
  // Node's own budget only says GOAWAY, which a client may ignore; the connection stays.
  let resets = 0
  let since = performance.now()
  const spend = () => {
    const now = performance.now()
    resets = Math.max(0, resets - ((now - since) / 1000) * resetBudget.streamResetRate) + 1
    since = now
    if (resets > resetBudget.streamResetBurst) session.destroy()
  }
  session.setTimeout(limits.idleMillis, () => {
    // A follower may be silent for as long as nothing happens; without any stream the session has no use.
    if (open === 0) session.close()
  })
  session.on("stream", (stream, headers) => {
    open++
    held.add(stream)
    stream.on("error", ignored)
    stream.once("close", () => {
      open--
      held.remove(stream)
      if (stream.rstCode === http2.constants.NGHTTP2_CANCEL) spend()
    })
    serving.handle(h2.incoming(stream, headers, peer, bodies), h2.outlet(stream, limits.stallMillis))
  })
}

const ignored = (): void => {}
