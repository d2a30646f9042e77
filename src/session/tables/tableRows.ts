// A table's rows as a stream, out of a recording.

import { Stream } from "effect"
import type { Recording } from "../Format.ts"
import type { Row, Table } from "./Table.ts"

export const tableRows = <E, R>(
  table: Table,
  { carried, events }: Recording<E, R>,
): Stream.Stream<ReadonlyArray<Row>, E, R> =>
  Stream.suspend(() => {
    const filling = table.fill()
    return Stream.sync(() => carried.flatMap((envelope) => filling.take(envelope, true))).pipe(
      Stream.concat(Stream.map(events, (envelopes) => envelopes.flatMap((envelope) => filling.take(envelope, false)))),
      Stream.concat(Stream.sync(() => filling.finish())),
    )
  })
