// What the routes of the process monitor share: which process is asked about, and the moment; their answers when it is not there.

import type { HostProcess } from "../../../domain/samples/HostProcesses.ts"
import { hostProcesses } from "../../../projections/hostProcesses.ts"
import type { View } from "../../../projections/Views.ts"
import type { Answer, RouteRequest } from "../../Route.ts"

/** Null for what is no pid: a sign, a fraction, letters, more than the kernel counts. */
export const pidOf = (request: RouteRequest): number | null => {
  const text = request.params["pid"] ?? ""
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 31 ? Number(text) : null
}

export const rowOf = (view: View, pid: number): HostProcess | null => view.state(hostProcesses).rows.get(pid) ?? null

/** The pid as it was asked, where it is none. */
export const notFound = (request: RouteRequest): Answer => {
  const pid = pidOf(request)
  return { status: 404, body: { success: false, error: "Process not found", pid: pid ?? request.params["pid"] } }
}

/** Whether the present is asked about, and may be looked into closer. */
export const asksNow = (request: RouteRequest): boolean => ["", "now"].includes(request.query.get("at") ?? "")
