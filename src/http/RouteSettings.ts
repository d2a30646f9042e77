// What the routes are told of the agent that they answer for.

import type { Outputs } from "../commands/Outputs.ts"
import type { Replay } from "../session/replay/openReplay.ts"
import type { ProfileName } from "../domain/tasks/Profile.ts"

export interface RouteSettings {
  readonly about: About
  readonly script: ScriptSettings
  /** What processes wrote; null where no output is kept, as in a recorded session. */
  readonly outputs?: Outputs | null
  /** Whether expressions are evaluated where a job stands still; no, unless it is said. */
  readonly mayEvaluate?: boolean
  /** What is played here; null where it is not a replay that answers. */
  readonly replay?: Replay | null
  /** What a task gets that says nothing itself, and how this node is called among proplets. */
  readonly tasks?: TaskSettings
  /** The WebSockets that are open now; none unless told. */
  readonly sockets?: () => ReadonlyArray<OpenSocket>
  /** The built page, read into memory; null where it was not built. */
  readonly page: PageFiles | null
}

export interface OpenSocket {
  /** Ids of jobs. */
  readonly about: ReadonlySet<string>
  /** Messages told and not yet taken, and the most that may be so. */
  readonly queued: number
  readonly most: number
}

export interface About {
  readonly name: string
  readonly version: string
  readonly description: string
}

export interface ScriptSettings {
  /** What POST /start runs when it names none. */
  readonly fallback: string
  /** Absolute folders in which scripts may lie. */
  readonly roots: ReadonlyArray<string>
  /** Why nothing can be started here, as in a recorded session; absent where scripts are started. */
  readonly closed?: string
  /** Absolute: where relative paths begin, and where the script runs. */
  readonly directory: string
  /** Names of environment variables whose values may be seen by others than who set them. */
  readonly shownNames: ReadonlyArray<string>
  readonly user: string
  readonly host: string
}

export interface TaskSettings {
  readonly profile: ProfileName
  /** Another interval than the profile's own, s. */
  readonly profileInterval?: number | null
  readonly proplet: string
  readonly namespace: string
}

export interface PageFile {
  readonly bytes: Uint8Array
  readonly type: string
  readonly tag: string
}

/** By path below the root, such as "index.html" and "assets/main-4f2a.js". */
export type PageFiles = ReadonlyMap<string, PageFile>
