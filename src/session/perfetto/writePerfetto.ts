// A range of the log as a trace for Perfetto's timeline (ui.perfetto.dev): one pass, and no more memory than the folds take.

import { Stream } from "effect"
import type { Envelope } from "../../domain/Envelope.ts"
import type { Format, Recording } from "../Format.ts"
import { CollectiveTracks } from "./CollectiveTracks.ts"
import { JobTracks } from "./JobTracks.ts"
import { ProcessTracks } from "./ProcessTracks.ts"
import { Picture } from "./Picture.ts"
import { VerdictMarks } from "./VerdictMarks.ts"

const encoder = new TextEncoder()

const write = <E, R>({ header, carried, events }: Recording<E, R>): Stream.Stream<Uint8Array, E, R> =>
  Stream.suspend(() => {
    const picture = new Picture()
    const ranks = new CollectiveTracks(picture)
    const verdicts = new VerdictMarks(picture, () => ranks.state)
    const tracks = [ranks, verdicts, new ProcessTracks(picture), new JobTracks(picture)]
    let begun = false
    const rows = (): Uint8Array => {
      const text = picture
        .taken()
        .map((row, index) => (begun || index > 0 ? `,\n${row}` : row))
        .join("")
      begun ||= text !== ""
      return encoder.encode(text)
    }
    const take = (envelopes: ReadonlyArray<Envelope>): Uint8Array => {
      for (const envelope of envelopes) for (const track of tracks) track.take(envelope)
      return rows()
    }
    const finish = (): Uint8Array => {
      for (const track of tracks) track.finish()
      return rows()
    }
    const facts = { node: header.node, from: header.from, to: header.to, created: header.created }
    const ending = `\n],"displayTimeUnit":"ms","otherData":${JSON.stringify(facts)}}\n`
    return Stream.make(encoder.encode('{"traceEvents":[\n')).pipe(
      Stream.concat(Stream.sync(() => take(carried))),
      Stream.concat(Stream.map(events, take)),
      Stream.concat(Stream.sync(finish)),
      Stream.concat(Stream.make(encoder.encode(ending))),
      Stream.filter((bytes) => bytes.length > 0),
    )
  })

export const perfetto: Format = {
  name: "perfetto",
  contentType: "application/json",
  extension: ".perfetto.json",
  summary: "a trace for ui.perfetto.dev: ranks, processes, routines and verdicts on one timeline",
  write,
}
