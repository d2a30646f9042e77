import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  itemAt,
  trackOf,
  tracksOf,
  tracksOfSlices,
  visibleIn,
  type OperationAnswer,
} from "../../../src/web/collectives/tracks.ts"

const item = (start: number, long: number, wait = 0) => ({
  start,
  end: start + long,
  busy: long,
  wait,
  operation: start,
  open: false,
})

export const operation = (over: Partial<OperationAnswer> = {}): OperationAnswer => ({
  communicator: "world",
  ordinal: 7,
  op: "allreduce",
  filename: "train.py:77",
  remote_rank: null,
  bytes: 4096,
  start_micros: 100,
  end_micros: 500,
  ranks: [1, 0],
  starts_micros: [100, 300],
  ends_micros: [500, 480],
  waits_micros: [200, 0],
  present: 2,
  finished: 2,
  transfer_micros: 180,
  skew_micros: 200,
  end_skew_micros: 20,
  wait_ratio: 0.5,
  bottleneck: true,
  last_rank: 0,
  clocks_disagree: false,
  root_micros: null,
  bus_gb_per_second_of_transfer: null,
  bus_gb_per_second_of_wall: null,
  first_position: 11,
  last_position: 14,
  ...over,
})

describe("tracks", () => {
  it("put each rank's part of an operation into its lane, the lowest rank first", () => {
    const { tracks, from, to, items } = tracksOf([operation()], 900)
    expect(
      tracks.map(({ rank, levels }) => [rank, levels[0]?.start[0], levels[0]?.end[0], levels[0]?.wait[0]]),
    ).toEqual([
      [0, 300, 480, 0],
      [1, 100, 500, 200],
    ])
    expect([from, to, items]).toEqual([100, 500, 2])
  })

  it("draw what has no end up to now, as waiting", () => {
    const { tracks } = tracksOf(
      [operation({ ranks: [3], starts_micros: [100], ends_micros: [null], end_micros: null })],
      900,
    )
    expect([tracks[0]?.levels[0]?.end[0], tracks[0]?.levels[0]?.wait[0], tracks[0]?.open[0]]).toEqual([900, 800, 1])
  })

  it("of slices hold how busy each was, and its worst wait", () => {
    const row = {
      communicator: "world",
      rank: 2,
      slices: [0, 3],
      operations: [5, 1],
      busy_micros: [400, 5000],
      worst_wait_micros: [100, 0],
      longest_micros: [90, 90],
      longest_position: [1, 2],
    }
    const answer = { position: 9, from: 1, to: 9, first_micros: 10_000, slice_micros: 1_000, tracks: [row] }
    const { tracks, from, to, items, slice } = tracksOfSlices(answer)
    expect([from, to, items, slice]).toEqual([10_000, 14_000, 6, 1_000])
    expect([...(tracks[0]?.levels[0]?.busy ?? [])]).toEqual([400, 1_000])
  })

  it("never hand out more to draw than asked for, and leave out nothing that lies in the window", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(100_000), fc.nat(3_000)), { minLength: 1, maxLength: 400 }),
        fc.nat(100_000),
        fc.integer({ min: 1, max: 50_000 }),
        (spans, from, length) => {
          const track = trackOf(
            0,
            spans.map(([start, long]) => item(start, long)),
          )
          const to = from + length
          const { level, first, last, isSingle } = visibleIn(track, from, to, 64)
          expect(last - first).toBeLessThanOrEqual(Math.max(64, level.start.length))
          const inside = spans.filter(([start, long]) => start < to && start + long >= from)
          if (isSingle) {
            const shown = Array.from({ length: last - first }, (_, index) => level.start[first + index] ?? -1)
            for (const [start] of inside) expect(shown).toContain(start)
          } else {
            const covered = (at: number) =>
              Array.from({ length: last - first }).some(
                (_, index) => (level.start[first + index] ?? 0) <= at && (level.end[first + index] ?? 0) >= at,
              )
            for (const [start] of inside) expect(covered(Math.max(start, from))).toBe(true)
          }
        },
      ),
    )
  })

  it("of a million operations come down to what a screen can show, in no time", () => {
    const track = trackOf(
      0,
      Array.from({ length: 250_000 }, (_, index) => item(index * 100, 60, 20)),
    )
    const whole = visibleIn(track, 0, 25_000_000, 1_280)
    expect(whole.last - whole.first).toBeLessThanOrEqual(1_280)
    const sum = Array.from(whole.level.busy).reduce((one, other) => one + other, 0)
    expect(sum).toBe(250_000 * 60)
    const close = visibleIn(track, 12_000_000, 12_001_000, 1_280)
    expect([close.isSingle, close.last - close.first]).toEqual([true, 10])
  })

  it("find what lies under the pointer, the latest that has begun", () => {
    const track = trackOf(0, [item(0, 1_000), item(100, 50), item(2_000, 10)])
    const found = [500, 120, 1_500, 2_012, -4].map((at) => itemAt(track, at, 5))
    expect(found).toEqual([0, 1, null, 2, 0])
  })
})
