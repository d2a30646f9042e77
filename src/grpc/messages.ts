// The messages of the protocol files, as they come and go in this program.

export interface Any {
  readonly type_url: string
  readonly value: Uint8Array
}

export interface Token {
  readonly token: string
  readonly user_name: string
}

export interface Request {
  readonly token: Token | null
  readonly data?: Any | null
}

export interface Response {
  readonly name: string
  readonly token: Token | null
  readonly data: Any | null
  readonly flag: number
  readonly children: ReadonlyArray<never>
}

export interface ProcessUUID {
  readonly uuid: string
}

export interface ProcessQuery {
  readonly uuids: ReadonlyArray<ProcessUUID>
  readonly names: ReadonlyArray<string>
  readonly user: string
  readonly session: string
}

export interface LogRequest {
  readonly query: ProcessQuery | null
  readonly how_far: number
  readonly follow: boolean
}

export interface ProcessMetadata {
  readonly uuid: ProcessUUID | null
  readonly user: string
  readonly session?: string
  readonly name: string
  readonly hostname: string
  readonly tree_id?: string
}

export interface ExecAndArgs {
  readonly exec: string
  readonly args: ReadonlyArray<string>
}

export interface ProcessDescription {
  readonly metadata: ProcessMetadata | null
  readonly env: Readonly<Record<string, string>>
  readonly executable_and_arguments: ReadonlyArray<ExecAndArgs>
  readonly process_execution_directory: string
  readonly process_logs_path: string
}

export interface ProcessRestriction {
  readonly allowed_hosts: ReadonlyArray<string>
  readonly allowed_host_types: ReadonlyArray<string>
}

export interface BootRequest {
  readonly process_description: ProcessDescription | null
  readonly process_restriction: ProcessRestriction | null
}

export interface ProcessInstance {
  readonly process_description: ProcessDescription
  readonly process_restriction: ProcessRestriction
  /** 0 running, 1 dead. */
  readonly status_code: number
  readonly return_code: number
  readonly uuid: ProcessUUID
}
