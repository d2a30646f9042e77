// How events of some types are stored, so that a reader passes over the blocks that hold none of them.

import type { EventKind } from "../log/EventLog.ts"

const kinds: Readonly<Record<string, EventKind>> = {
  CollectiveStarted: "collective",
  CollectiveFinished: "collective",
  TransferStarted: "collective",
  TransferFinished: "collective",
  SamplesTaken: "sample",
  ProcessesSampled: "processes",
}

/** Boots among a million collectives are found without unpacking them. An odd event of any type lies among the records. */
export const kindsOfTypes = (types: ReadonlySet<string> | null): { readonly kinds?: ReadonlyArray<EventKind> } =>
  types === null ? {} : { kinds: ["record", ...new Set(Array.from(types).flatMap((type) => kinds[type] ?? []))] }
