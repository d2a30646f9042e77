// Every bound of the log, by name.

export interface Limits {
  /** One event, about as large as its stored form. */
  readonly eventBytes: number
  readonly batchEvents: number
  readonly batchBytes: number
  /** A block is unpacked as a whole, so its size bounds how long the event loop is held. */
  readonly blockEvents: number
  readonly blockBytes: number
  /** What one sync takes along at most. */
  readonly groupEvents: number
  readonly groupBytes: number
  /** From so many waiting events on, the next group is packed while the one before syncs. */
  readonly aheadEvents: number
  /** What may wait for the writer. Beyond it the log answers "ask again". */
  readonly queueEvents: number
  readonly queueBytes: number
  /** Telemetry that nobody waits for. Beyond it the newest is dropped and counted. */
  readonly observedEvents: number
  readonly observedBytes: number
  readonly observeDelayMillis: number
  /** What is kept for a follower that falls behind; beyond it the follower reads from the store again. */
  readonly followerEvents: number
  /** About so many events come in one element of a read. */
  readonly chunkEvents: number
  readonly retryAfterMillis: number
  readonly reopenMillis: number
  /** Below so much free room telemetry stops, so that actions still fit. */
  readonly lowSpaceBytes: number
  /** How far back opening proves the log: more than LevelDB can hold in its write-ahead files. */
  readonly tailBytes: number
}

const MiB = 1024 * 1024

export const defaults: Limits = {
  eventBytes: MiB,
  batchEvents: 16_384,
  batchBytes: 8 * MiB,
  blockEvents: 1024,
  blockBytes: MiB / 2,
  groupEvents: 8192,
  groupBytes: 8 * MiB,
  aheadEvents: 2048,
  queueEvents: 65_536,
  queueBytes: 64 * MiB,
  observedEvents: 4096,
  observedBytes: 16 * MiB,
  observeDelayMillis: 800,
  followerEvents: 16_384,
  chunkEvents: 1024,
  retryAfterMillis: 1000,
  reopenMillis: 250,
  lowSpaceBytes: 32 * MiB,
  tailBytes: 12 * MiB,
}
