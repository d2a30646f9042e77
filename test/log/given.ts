// Events for the log's tests: small, typed, and told apart by a number.

import type { Batch } from "../../src/log/EventLog.ts"
import { CommandId } from "../../src/domain/Brands.ts"
import type { KnownEvent } from "../../src/domain/Event.ts"

export const action = (count: number): KnownEvent => ({ _tag: "RefusalsCounted", count, windowMillis: 1000 })

export const collective = (seq: number): KnownEvent => ({
  _tag: seq % 2 === 0 ? "CollectiveStarted" : "CollectiveFinished",
  reporter: { key: `run-${seq % 4}`, runId: "run", host: "node-a", pid: 4000 + (seq % 4) },
  communicator: "0x7f00",
  op: "allreduce",
  rank: seq % 4,
  size: 4,
  startTime: 1_700_000_000_000_000 + seq * 37,
  endTime: seq % 2 === 0 ? null : 1_700_000_000_000_000 + seq * 37 + 1200,
  filename: "train.py",
  seq: Math.floor(seq / 4),
  extra: null,
  algorithm: "ring",
  dataType: "float32",
  count: 1024,
  rootRank: null,
})

export const batch = (events: ReadonlyArray<KnownEvent>, command: string | null = null): Batch => ({
  actor: "test",
  command: command === null ? null : CommandId(command),
  events,
})

export const actions = (from: number, count: number): ReadonlyArray<KnownEvent> =>
  Array.from({ length: count }, (_, index) => action(from + index))

export const collectives = (from: number, count: number): ReadonlyArray<KnownEvent> =>
  Array.from({ length: count }, (_, index) => collective(from + index))
