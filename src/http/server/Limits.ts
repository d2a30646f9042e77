// How long and how large anything may be on a connection; every wait and every queue of the server has its bound here.

export interface Limits {
  /** From the opening of a connection, or a request's first byte, to the end of its head. */
  readonly headMillis: number
  /** From the head to the last byte of a body that is taken whole. */
  readonly bodyMillis: number
  /** Without a byte of a streamed body, or without the client taking a byte of a streamed answer. */
  readonly stallMillis: number
  /** A connection on which nothing is asked. Reporters keep theirs open through long computations. */
  readonly idleMillis: number
  /** Between two looks for HTTP/2 sessions that are over without having said so; such a one lasts five looks at most. */
  readonly lookMillis: number
  /** From the wish to close to the last connection being cut. */
  readonly closeMillis: number
  readonly headBytes: number
  readonly headFields: number
  readonly streamsPerSession: number
  readonly connections: number
  readonly requestsInFlight: number
  readonly sockets: number
  /** Messages that wait for one client of a WebSocket. */
  readonly socketQueue: number
  /** Without such a client taking any of them. */
  readonly socketStallMillis: number
  readonly heartbeatMillis: number
}

export const standard: Limits = {
  headMillis: 10_000,
  bodyMillis: 30_000,
  stallMillis: 60_000,
  idleMillis: 300_000,
  lookMillis: 1000,
  closeMillis: 1000,
  headBytes: 16_384,
  headFields: 100,
  streamsPerSession: 128,
  connections: 16_384,
  requestsInFlight: 8192,
  sockets: 1024,
  socketQueue: 100,
  socketStallMillis: 10_000,
  heartbeatMillis: 5000,
}
