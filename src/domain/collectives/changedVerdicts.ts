// Which communicators are judged otherwise than they were when they were looked at last.

import type { Verdict, VerdictKind } from "./Verdict.ts"

/** What was last said of each communicator, by its id. */
export type SaidVerdicts = Map<string, VerdictKind>

/** Updates what was said. A communicator that is well when it is first seen has not changed; nor has one that is gone. */
export const changedVerdicts = (said: SaidVerdicts, verdicts: ReadonlyArray<Verdict>): ReadonlyArray<Verdict> => {
  const changed: Array<Verdict> = []
  const present = new Set<string>()
  for (const verdict of verdicts) {
    const id = verdict.communicator?.id
    if (id === undefined) continue
    present.add(id)
    const before = said.get(id) ?? "healthy"
    said.set(id, verdict.kind)
    if (before !== verdict.kind) changed.push(verdict)
  }
  for (const id of said.keys()) if (!present.has(id)) said.delete(id)
  return changed
}
