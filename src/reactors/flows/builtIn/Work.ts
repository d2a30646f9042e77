// What a built-in handler is: a call in, emissions out.

import type { Data } from "../../../domain/flows/Job.ts"
import type { Dispatch } from "../hosts/Host.ts"

/** What a built-in handler does: emissions and what it keeps for its next call, or an error. */
export interface Done {
  readonly emissions: ReadonlyArray<readonly [event: string, data: Data]>
  readonly shared?: Data
}
export type Work = (dispatch: Dispatch, signal: AbortSignal) => Done | Promise<Done>

/** The call cannot be made as it is set up. */
export class BadConfiguration extends Error {}
