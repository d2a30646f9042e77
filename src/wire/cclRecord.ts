// A collective or transfer as a reporter sends it to POST /log_ccl: the way back from the event.

import type { CollectiveEvent } from "../domain/events/CollectiveEvents.ts"

/** Sent again, it becomes the same event. */
export const recordOf = (event: CollectiveEvent): Readonly<Record<string, unknown>> => {
  const { reporter, communicator, op, rank, size, startTime, endTime, filename, seq, extra, _tag } = event
  const own =
    "algorithm" in event
      ? { algorithm: event.algorithm, dataType: event.dataType, count: event.count, rootRank: event.rootRank }
      : { remoteRank: event.remoteRank, bytes: event.bytes }
  return {
    ...extra,
    opType: op,
    run_id: reporter.runId,
    comm_id: communicator,
    host: reporter.host,
    pid: reporter.pid,
    context_rank: rank,
    context_size: size,
    startTime,
    endTime,
    filename,
    seq,
    finished: _tag.endsWith("Finished"),
    ...own,
  }
}
