// What passes between the agent and a thread that runs routines: lists, so that one wake-up carries many.

import type { RoutineClass } from "../../../domain/events/FlowEvents.ts"
import type { CallError } from "../../../domain/events/JobEvents.ts"
import type { Data } from "../../../domain/flows/Job.ts"
import type { Dispatch } from "./Host.ts"

export interface ThreadSetup {
  readonly files: ReadonlyArray<string>
  readonly maxDataBytes: number
  /** One whole number: how many calls the thread has begun, in the order in which it was given them. */
  readonly begun: SharedArrayBuffer
}

export type ToThread =
  | { readonly kind: "run"; readonly dispatches: ReadonlyArray<Dispatch> }
  | { readonly kind: "abandon"; readonly key: number }
  | { readonly kind: "ping" }

export type Told =
  | {
      readonly kind: "emitted"
      readonly key: number
      readonly event: string
      readonly data: Data
      readonly bytes: number
    }
  | {
      readonly kind: "finished"
      readonly key: number
      readonly micros: number
      readonly result: unknown
      readonly shared: Data | null
      readonly bytes: number
    }
  | { readonly kind: "failed"; readonly key: number; readonly micros: number; readonly error: CallError }
  | {
      readonly kind: "logged"
      readonly key: number
      readonly level: "debug" | "info" | "warning" | "error"
      readonly text: string
    }

export type FromThread =
  /** Before each file: a thread that hangs while it loads names the culprit. */
  | { readonly kind: "loading"; readonly file: string }
  | {
      readonly kind: "loaded"
      readonly classes: ReadonlyArray<RoutineClass>
      readonly errors: ReadonlyArray<{ readonly file: string; readonly reason: string }>
    }
  | { readonly kind: "told"; readonly told: ReadonlyArray<Told> }
  | { readonly kind: "pong" }
