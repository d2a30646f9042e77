// Flight Recorder dumps become a session, and the verdict on it names the rank that never came.

import { it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { describe, expect } from "vitest"
import { judge } from "../../src/domain/collectives/judge.ts"
import { now } from "../../src/domain/Moment.ts"
import { collectives } from "../../src/projections/collectives.ts"
import { processes } from "../../src/projections/processes.ts"
import { samples } from "../../src/projections/samples.ts"
import { Views } from "../../src/projections/Views.ts"
import { importFiles } from "../../src/session/import/importFiles.ts"
import { openSession } from "../../src/session/openSession.ts"
import { verifySession } from "../../src/session/verifySession.ts"
import { folder } from "./given.ts"

const second = 1e9

const entry = (seq: number, state: string) => ({
  record_id: seq,
  process_group: ["0", "default_pg"],
  collective_seq_id: seq,
  p2p_seq_id: 0,
  profiling_name: "nccl:all_reduce",
  time_created_ns: 1_760_000_000 * second + seq * second,
  duration_ms: state === "completed" ? 12.5 : null,
  input_sizes: [[64, 32]],
  input_dtypes: ["Float"],
  output_sizes: [[64, 32]],
  state,
  time_discovered_started_ns: 1_760_000_000 * second + seq * second + 1000,
  time_discovered_completed_ns: state === "completed" ? 1_760_000_000 * second + seq * second + 12_000_000 : null,
  retired: state === "completed",
  timeout_ms: 600_000,
  is_p2p: false,
})

/** Rank 2 completes five operations and never enters the sixth. */
const dump = (rank: number) => ({
  version: "2.4",
  pg_config: { "0": { name: "0", desc: "default_pg", ranks: "[0, 1, 2, 3]" } },
  entries: [...[1, 2, 3, 4, 5].map((seq) => entry(seq, "completed")), ...(rank === 2 ? [] : [entry(6, "started")])],
})

describe("imported Flight Recorder dumps", () => {
  it.scoped("are a session in which the missing rank is named", () =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const paths = [0, 1, 2, 3].map((rank) => file(`nccl_trace_rank_${rank}`, JSON.stringify(dump(rank))))
      const bytes = Buffer.concat(Array.from(yield* Stream.runCollect(yield* importFiles(paths))))
      const path = file("imported.ndjson", bytes)
      expect(yield* verifySession(path)).toMatchObject({ intact: true, events: 45 })
      const opened = yield* openSession(path)
      const view = yield* Effect.flatMap(Views, (views) => views.at(now)).pipe(Effect.provide(opened.layer))
      const known = {
        collectives: view.state(collectives),
        processes: view.state(processes),
        samples: view.state(samples),
      }
      expect(judge(known, view.at)[0]).toMatchObject({
        kind: "missing_rank",
        op: "allreduce",
        culprits: [{ rank: 2 }],
        waiting: [0, 1, 3],
      })
    }),
  )

  it.scoped.each([
    ["x.pickle", Buffer.from([0x80, 4, 0x95]), /Python pickle, and reading one can run any code/],
    ["x0", "no json", /is no JSON/],
    ["x0.json", "{}", /is no Flight Recorder dump/],
    ["x0.json", '{"version":"2.4","entries":[{"state":"completed"}]}', /is no Flight Recorder dump: /],
    ["x.json", JSON.stringify(dump(0)), /does not say of which rank it is/],
  ] as const)("refuse %s by name", ([name, content, reason]) =>
    Effect.gen(function* () {
      const { file } = yield* folder
      const error = yield* Effect.flip(importFiles([file(name, content)]))
      expect(error.message).toMatch(reason)
    }),
  )
})
