// What a record of an end says to the log: how it ended, when, and how long it had run.

import type { RecordExited } from "../../domain/processes/ProcessCommand.ts"
import type { StatusRecord } from "./LifeDirectory.ts"
import { brokenCode } from "./Ssh.ts"
import * as Ward from "./Ward.ts"

/** Without a status nobody knows how it ended, and that is what is said. */
export const endOf = (ward: Ward.Ward, status: StatusRecord | null): RecordExited => {
  const endedAt = status?.ended_at_us ?? undefined
  return {
    _tag: "RecordExited",
    id: Ward.factId(ward, "exited"),
    process: ward.life.process,
    ...howOf(ward, status),
    ...(endedAt === undefined ? {} : { endedAt, ranMillis: Math.max(0, (endedAt - ward.life.requestedAt) / 1000) }),
  }
}

/** ssh ends with one and the same code when it broke off and when a signal ended what it had run. */
const howOf = (ward: Ward.Ward, status: StatusRecord | null) => {
  const { code = null, signal = null } = status ?? {}
  if (ward.remote === null || code !== brokenCode) return { code, signal }
  return { code: null, signal: ward.lastSignal }
}
