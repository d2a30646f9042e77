// What a routine of one's own looks like: slots with handlers, events that it emits. Written by users, run in a worker thread.

export type RoutineData = Readonly<Record<string, unknown>>

export interface RoutineContext {
  readonly job: string
  /** The routine's id in its flow. */
  readonly routine: string
  readonly slot: string
  /** Counted through the job: the same number if the call is made again. */
  readonly call: number
  readonly attempt: number
  readonly config: RoutineData
  /** Data of the whole job. Reads see it as it was when the call began, and what the call itself has set. */
  readonly shared: {
    readonly get: (name: string) => unknown
    readonly set: (name: string, value: unknown) => void
  }
  /** One call is made of every slot that is connected to the event. */
  readonly emit: (event: string, data?: RoutineData) => void
  readonly log: (text: string, level?: "debug" | "info" | "warning" | "error") => void
  /** Set when the call has taken too long or its job was cancelled. */
  readonly signal: AbortSignal
}

export type Handler = (input: RoutineData, context: RoutineContext) => unknown

export interface RoutineDefinition {
  /** Dotted; the file's name and the export's unless it is said. */
  readonly name?: string
  readonly slots: Readonly<
    Record<string, Handler | { readonly handler: Handler; readonly merge?: "override" | "append" }>
  >
  /** Those that it emits; "*" for any. */
  readonly events?: ReadonlyArray<string>
  /** Whether a call that was in the middle when the agent ended may be run again. No, unless it is said. */
  readonly repeatable?: boolean
}

export const defineRoutine = (definition: RoutineDefinition): RoutineDefinition => definition
