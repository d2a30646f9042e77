// What the bench of collectives posts: the records of a job of eight ranks, as a reporter sends them, and the posting of them.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect, type ClientHttp2Session } from "node:http2"
import { createInterface } from "node:readline"

const ranks = 8

/** Starts and finishes of all ranks, collective after collective; the first is number `from`. */
export const records = (from: number, collectives: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (let ordinal = from; ordinal < from + collectives; ordinal++) {
    const begin = 1_700_000_000_000_000 + ordinal * 10_000
    for (const finished of [false, true]) {
      for (let rank = 0; rank < ranks; rank++) {
        const startTime = begin + ((rank * 37 + ordinal * 11) % 400)
        lines.push(
          `{"opType":"allreduce","algorithm":"ring","dataType":"float32","count":1048576,"rootRank":-1,"context_rank":${rank},` +
            `"context_size":${ranks},"startTime":${startTime},"endTime":${finished ? begin + 1400 + rank : 0},` +
            `"filename":"train.py","finished":${finished},"run_id":"bench","pid":${4000 + rank}}`,
        )
      }
    }
  }
  return lines
}

export interface Server {
  readonly url: string
  readonly close: () => Promise<void>
}

/** A server in a process of its own, once it says that it is ready. */
export const serve = async (program: string, args: ReadonlyArray<string>): Promise<Server> => {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] })
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{"ready":true')) continue
    const { ccl } = JSON.parse(line) as { readonly ccl: string }
    return {
      url: new URL(ccl).origin,
      close: async () => {
        child.kill("SIGTERM")
        if (child.exitCode === null) await once(child, "exit")
      },
    }
  }
  throw new Error(`${program} ended without its ready line`)
}

const open = (url: string): Promise<ClientHttp2Session> =>
  new Promise((resolve, reject) => {
    const session = connect(url)
    session.once("connect", () => resolve(session)).once("error", reject)
  })

/** Single posts over HTTP/2, `inFlight` in all over `connections`; answers requests a second. */
export const postSingly = async (
  url: string,
  bodies: ReadonlyArray<string>,
  { connections, inFlight }: { readonly connections: number; readonly inFlight: number },
): Promise<number> => {
  const sessions = await Promise.all(Array.from({ length: connections }, () => open(url)))
  const begin = performance.now()
  await new Promise<void>((resolve, reject) => {
    let next = 0
    let done = 0
    const send = (session: ClientHttp2Session): void => {
      const body = bodies[next]
      if (body === undefined) return
      next++
      const stream = session.request({ ":method": "POST", ":path": "/log_ccl", "content-type": "application/json" })
      stream.on("response", (headers) => {
        if (headers[":status"] !== 200) reject(new Error(`answered with ${headers[":status"]}`))
      })
      stream.on("end", () => {
        done++
        if (done === bodies.length) resolve()
        else send(session)
      })
      stream.on("error", reject)
      stream.resume()
      stream.end(body)
    }
    for (let index = 0; index < inFlight; index++) {
      const session = sessions[index % connections]
      if (session !== undefined) send(session)
    }
  })
  const rate = (bodies.length / (performance.now() - begin)) * 1000
  for (const session of sessions) session.close()
  return rate
}

/** NDJSON in bulk over plain HTTP/1.1, in so many posts one after another; answers events a second, durable. */
export const postInBulk = async (url: string, lines: ReadonlyArray<string>): Promise<number> => {
  const body = lines.join("\n")
  const begin = performance.now()
  const answer = await fetch(`${url}/log_ccl`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body,
  })
  const { accepted } = (await answer.json()) as { readonly accepted: number }
  if (accepted !== lines.length) throw new Error(`${accepted} of ${lines.length} records were taken`)
  return (lines.length / (performance.now() - begin)) * 1000
}
