// The real program with routines of its own, asked over HTTP as the clients of seed 003 do.

import { cpSync } from "node:fs"
import { join } from "node:path"
import { quietPorts, root, type Running, scratch, serve, until } from "../program.ts"

export type Fields = Readonly<Record<string, unknown>>

export interface HttpAnswer {
  readonly status: number
  readonly body: Fields
}

export interface Agent extends Running {
  readonly http: string
  readonly folder: string
  readonly ask: (method: string, path: string, body?: unknown) => Promise<HttpAnswer>
  /** Its fields once it is over. */
  readonly over: (job: string) => Promise<Fields>
  /** Ends the agent and removes its folder. */
  readonly close: () => Promise<void>
}

export interface Options {
  readonly args?: ReadonlyArray<string>
  /** Puts files into the folder before the agent starts. */
  readonly prepare?: (folder: string) => void
}

/** Runs in a folder that holds the routines of the fixtures. */
export const agent = async ({ args = [], prepare }: Options = {}): Promise<Agent> => {
  const folder = await scratch()
  cpSync(join(root, "fixtures", "routines"), join(folder.path, "routines"), { recursive: true })
  prepare?.(folder.path)
  const running = await serve(["agent", ...quietPorts, ...args], { cwd: folder.path })
  const { http } = running.ready
  const ask = async (method: string, path: string, body?: unknown): Promise<HttpAnswer> => {
    const answer = await fetch(`${http}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as Fields) }
  }
  const over = (job: string) =>
    until(
      async () => {
        const { body } = await ask("GET", `/api/jobs/${job}`)
        return ["completed", "failed", "cancelled"].includes(String(body["status"])) ? body : null
      },
      `the end of ${job}`,
      60_000,
    )
  const close = async () => {
    await running.stop()
    await folder.remove()
  }
  return { ...running, http, folder: folder.path, ask, over, close }
}

/** The flow of the document, of classes of one file. */
export const dataProcessing = (file: string, flow = "data_processing") => ({
  flow_id: flow,
  dsl_dict: {
    routines: {
      ingest: { class: `${file}.Ingest` },
      process: { class: `${file}.Process` },
      validate: { class: `${file}.Validate` },
    },
    connections: [
      { from: "ingest.data_ingested", to: "process.data_ingested" },
      { from: "process.data_processed", to: "validate.data_processed" },
    ],
  },
})

export const entry = (flow = "data_processing") => ({
  flow_id: flow,
  entry_routine_id: "ingest",
  entry_slot: "trigger",
  entry_params: { data: [1, 2, 3, 4, 5] },
})

/** What a job of it leaves in its trace, in order. */
export const dataProcessingSteps = [
  "routine_start ingest",
  "slot_call ingest",
  "event_emit ingest",
  "routine_end ingest",
  "routine_start process",
  "slot_call process",
  "event_emit process",
  "routine_end process",
  "routine_start validate",
  "slot_call validate",
  "routine_end validate",
]
