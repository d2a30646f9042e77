// A recorded session behind the same ports as a live log: views of any moment and the raw events, read-only.

import { stat } from "node:fs/promises"
import { Context, Effect, Layer, type Scope } from "effect"
import { all as projections } from "../projections/all.ts"
import * as FoldedViews from "../projections/FoldedViews.ts"
import { LogReader } from "../projections/LogReader.ts"
import { Views } from "../projections/Views.ts"
import * as FileReader from "./FileReader.ts"
import { openDirectory } from "./openDirectory.ts"
import { openFile } from "./openFile.ts"
import { unreadable } from "./scanFile.ts"
import { lateViews } from "./lateViews.ts"
import { sliceViews } from "./sliceViews.ts"
import type { SessionUnreadable } from "./SessionUnreadable.ts"

export interface OpenedSession {
  readonly path: string
  readonly kind: "file" | "directory"
  /** What whoever opened it has to be told: the file was torn, and what is missing. */
  readonly notice: string | null
  /** Why commands are refused here: for the layer that stands in for them. */
  readonly readOnlyReason: string
  readonly layer: Layer.Layer<Views | LogReader>
}

export type Progress = (done: number, all: number) => void

export const openSession = (
  path: string,
  progress?: Progress,
): Effect.Effect<OpenedSession, SessionUnreadable, Scope.Scope> =>
  Effect.gen(function* () {
    const facts = yield* Effect.tryPromise({
      try: () => stat(path),
      catch: (error) => unreadable(path, error as Error),
    })
    if (facts.isDirectory()) return opened(path, "directory", null, yield* openDirectory(path))
    const { reader, notice } = yield* openRecording(path, progress)
    const { first } = yield* reader.source
    const views = yield* viewsOver(reader)
    const services = Context.make(LogReader, reader).pipe(Context.add(Views, sliceViews(views, first)))
    return opened(path, "file", notice, services)
  })

/** A session file's events, without anything folded from them. */
export const openRecording = (path: string, progress?: Progress) =>
  Effect.map(openFile(path, progress), (file) => {
    const { cut } = file.report
    return { reader: FileReader.make(file), notice: cut === null ? null : `${path} ${cut}` }
  })

const viewsOver = (reader: LogReader["Type"]): Effect.Effect<Views["Type"], never, Scope.Scope> =>
  Layer.build(FoldedViews.layer(projections)).pipe(
    Effect.map(Context.get(Views)),
    Effect.provideService(LogReader, reader),
    lateViews,
  )

const opened = (
  path: string,
  kind: OpenedSession["kind"],
  notice: string | null,
  services: Context.Context<Views | LogReader>,
): OpenedSession => ({
  path,
  kind,
  notice,
  readOnlyReason: `this is a recording (${path}): commands go to a live agent`,
  layer: Layer.succeedContext(services),
})
