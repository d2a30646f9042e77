// The tables into which a range of the log is laid out, for whoever asks in SQL or with data frames.

import { changedVerdicts, type SaidVerdicts } from "../../domain/collectives/changedVerdicts.ts"
import { judge } from "../../domain/collectives/judge.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import { dataOf, laneOf, typeOf } from "../../domain/Event.ts"
import type { ManagedProcess } from "../../domain/processes/Processes.ts"
import { collectives as collectivesProjection } from "../../projections/collectives.ts"
import { flows } from "../../projections/flows.ts"
import { processes as processesProjection } from "../../projections/processes.ts"
import { samples as samplesProjection } from "../../projections/samples.ts"
import { nothing, type Row, type Table } from "./Table.ts"

const each = (rows: (envelope: Envelope) => ReadonlyArray<Row>): Table["fill"] => {
  const filling = {
    take: (envelope: Envelope, carried: boolean) => (carried ? nothing : rows(envelope)),
    finish: () => nothing,
  }
  return () => filling
}

const events: Table = {
  name: "events",
  columns: [
    ["position", "whole"],
    ["at", "time"],
    ["mono", "whole"],
    ["actor", "text"],
    ["command", "text"],
    ["type", "text"],
    ["lane", "text"],
    ["data", "text"],
  ],
  fill: each(({ position, at, mono, actor, command, event }) => [
    [position, at, mono, actor, command, typeOf(event), laneOf(event), JSON.stringify(dataOf(event))],
  ]),
}

const collectives: Table = {
  name: "collectives",
  columns: [
    ["position", "whole"],
    ["at", "time"],
    ["type", "text"],
    ["run_id", "text"],
    ["communicator", "text"],
    ["op", "text"],
    ["rank", "whole"],
    ["size", "whole"],
    ["seq", "whole"],
    ["host", "text"],
    ["pid", "whole"],
    ["start_us", "number"],
    ["end_us", "number"],
    ["duration_us", "number"],
    ["filename", "text"],
    ["algorithm", "text"],
    ["data_type", "text"],
    ["count", "number"],
    ["root_rank", "whole"],
    ["remote_rank", "whole"],
    ["bytes", "number"],
  ],
  fill: each(({ position, at, event }) => {
    if (!("reporter" in event && "op" in event)) return nothing
    const { reporter, startTime, endTime } = event
    const duration = startTime === null || endTime === null ? null : endTime - startTime
    const shared = [
      position,
      at,
      event._tag,
      reporter.runId,
      event.communicator,
      event.op,
      event.rank,
      event.size,
      event.seq,
    ]
    const times = [reporter.host, reporter.pid, startTime, endTime, duration, event.filename]
    const own =
      "algorithm" in event
        ? [event.algorithm, event.dataType, event.count, event.rootRank, null, null]
        : [null, null, null, null, event.remoteRank, event.bytes]
    return [[...shared, ...times, ...own]]
  }),
}

/** What every look saw: of the host (its pid is null), of managed processes, and of whatever else ran there. */
const samples: Table = {
  name: "samples",
  columns: [
    ["position", "whole"],
    ["at", "time"],
    ["collector", "text"],
    ["pid", "whole"],
    ["name", "text"],
    ["state", "text"],
    ["cpu_ticks", "number"],
    ["resident_bytes", "number"],
    ["threads", "whole"],
    ["cpu_busy_ticks", "number"],
    ["cpu_total_ticks", "number"],
    ["memory_total_bytes", "number"],
    ["memory_available_bytes", "number"],
    ["load1", "number"],
  ],
  fill: each(({ position, at, event }) => {
    if (event._tag === "ProcessesSampled") {
      const names = new Map(event.facts.map(({ pid, name }) => [pid, name]))
      return event.changed.map(([pid, state, ticks, resident, threads]): Row => {
        const name = names.get(pid) ?? null
        return [position, at, event.collector, pid, name, state, ticks, resident, threads, null, null, null, null, null]
      })
    }
    if (event._tag !== "SamplesTaken") return nothing
    const look = [position, at, event.collector]
    const ofProcesses = event.processes.map((one): Row => {
      const { pid, name, state, cpuTicks, residentBytes, threads } = one
      return [...look, pid, name, state, cpuTicks, residentBytes, threads, null, null, null, null, null]
    })
    if (event.host === null) return ofProcesses
    const { cpuBusyTicks, cpuTotalTicks, memoryTotalBytes, memoryAvailableBytes, load1 } = event.host
    const host = [cpuBusyTicks, cpuTotalTicks, memoryTotalBytes, memoryAvailableBytes, load1]
    return [[...look, null, null, null, null, null, null, ...host], ...ofProcesses]
  }),
}

const processes: Table = {
  name: "processes",
  columns: [
    ["id", "text"],
    ["name", "text"],
    ["session", "text"],
    ["host", "text"],
    ["user", "text"],
    ["argv", "text"],
    ["pid", "whole"],
    ["status", "text"],
    ["requested_at", "time"],
    ["started_at", "time"],
    ["ended_at", "time"],
    ["exit_code", "whole"],
    ["exit_signal", "whole"],
    ["reason", "text"],
    ["boots", "whole"],
  ],
  fill: () => {
    let state = processesProjection.initial()
    return {
      take: (envelope) => {
        state = processesProjection.evolve(state, envelope)
        return nothing
      },
      finish: () => Array.from(state.byId.values(), processRow),
    }
  },
}

const processRow = (one: ManagedProcess): Row => {
  const { id, spec, host, identity, status, requestedAt, startedAt, endedAt, code, signal, reason, boots } = one
  const { name, session, user, argv } = spec
  const whose = [id, name, session, host, user, JSON.stringify(argv), identity?.pid ?? null]
  return [...whose, status, requestedAt, startedAt, endedAt, code, signal, reason, boots]
}

const jobs: Table = {
  name: "jobs",
  columns: [
    ["id", "text"],
    ["flow", "text"],
    ["status", "text"],
    ["requested_at", "time"],
    ["started_at", "time"],
    ["ended_at", "time"],
    ["error", "text"],
  ],
  fill: () => {
    let state = flows.initial()
    return {
      take: (envelope) => {
        state = flows.evolve(state, envelope)
        return nothing
      },
      finish: () =>
        Array.from(state.jobs.values(), ({ id, flow, status, requestedAt, startedAt, endedAt, error }): Row => [
          id,
          flow,
          status,
          requestedAt,
          startedAt,
          endedAt,
          error === null ? null : JSON.stringify(error),
        ]),
    }
  },
}

/** Every verdict when it was first said and when it changed: judged anew at every tick, as the agent answers. */
const verdicts: Table = {
  name: "verdicts",
  columns: [
    ["position", "whole"],
    ["at", "time"],
    ["verdict", "text"],
    ["sentence", "text"],
    ["communicator", "text"],
    ["run_id", "text"],
    ["op", "text"],
    ["ordinal", "whole"],
    ["culprits", "text"],
    ["waiting", "text"],
    ["age_seconds", "number"],
    ["confidence", "number"],
  ],
  fill: () => {
    const said: SaidVerdicts = new Map()
    const known = {
      collectives: collectivesProjection.initial(),
      processes: processesProjection.initial(),
      samples: samplesProjection.initial(),
    }
    let last: Envelope | null = null
    const look = ({ position, at }: Envelope): ReadonlyArray<Row> =>
      changedVerdicts(said, judge(known, at)).map((one) => {
        const { kind, sentence, communicator, op, ordinal, culprits, waiting, ageSeconds, confidence } = one
        const ranks = JSON.stringify(culprits.map(({ rank }) => rank))
        const [id, runId] = [communicator?.id ?? null, communicator?.runId ?? null]
        const waits = JSON.stringify(waiting)
        return [position, at, kind, sentence, id, runId, op, ordinal, ranks, waits, ageSeconds, confidence]
      })
    return {
      take: (envelope) => {
        known.collectives = collectivesProjection.evolve(known.collectives, envelope)
        known.processes = processesProjection.evolve(known.processes, envelope)
        known.samples = samplesProjection.evolve(known.samples, envelope)
        last = envelope
        return envelope.event._tag === "Ticked" ? look(envelope) : nothing
      },
      finish: () => (last === null ? nothing : look(last)),
    }
  },
}

export const tables: ReadonlyArray<Table> = [events, processes, samples, collectives, verdicts, jobs]

/** undefined when there is none of that name. */
export const tableNamed = (name: string): Table | undefined => tables.find((table) => table.name === name)
