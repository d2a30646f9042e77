// Who runs handlers: threads for modules, children for programs, the agent itself for what is built in. All speak these words.

import type { CallError } from "../../../domain/events/JobEvents.ts"
import type { Data } from "../../../domain/flows/Job.ts"

/** One run of a handler, on its way to a host. */
export interface Dispatch {
  /** Names this run in all that the host says of it. */
  readonly key: number
  readonly job: string
  readonly className: string
  readonly routine: string
  readonly slot: string
  readonly call: number
  readonly attempt: number
  readonly input: Data
  readonly config: Data
  readonly shared: Data
}

/** What a host says; a key that was given up is said nothing of any more, and what is said of it is not heard. */
export interface Listener {
  readonly emitted: (key: number, event: string, data: Data, bytes: number) => void
  readonly finished: (key: number, micros: number, result: unknown, shared: Data | null, bytes: number) => void
  readonly failed: (key: number, micros: number | null, error: CallError) => void
  /** The host broke under it. `began` is false where it is known that the handler had not begun. */
  readonly lost: (key: number, began: boolean, reason: string) => void
  readonly logged: (key: number, level: "debug" | "info" | "warning" | "error", text: string) => void
  /** All that came in one go has been said. */
  readonly settled: () => void
}

export interface Host {
  readonly run: (dispatch: Dispatch) => void
  /** It took too long, or its job is over: stop it if that can be done. Nothing more is heard of it. */
  readonly abandon: (key: number) => void
  /** No more calls of this job. */
  readonly release: (job: string) => void
}

/** Of one emission, one result, one change of shared data. */
export const maxDataBytes = 256 * 1024

export const callError = (type: string, message: string, line: number | null = null): CallError => ({
  type,
  message: message.slice(0, maxMessage),
  line,
})

const maxMessage = 4000
