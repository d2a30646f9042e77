// What one source (flags, environment, file) sets: the text as it stood there, and words for where that was.

import type { SettingName } from "./table.ts"

export interface GivenValue {
  readonly text: string
  /** Begins the sentence when the value is bad: "--port", "ANNALIST_PORT (environment)". */
  readonly where: string
}

export type Given = Map<SettingName, GivenValue>
