// The live agent: its layers, from the log at the bottom to the face on top, and the order in which they come and go.

import { readFileSync } from "node:fs"
import { hostname } from "node:os"
import { join, resolve } from "node:path"
import { Effect, Layer } from "effect"
import * as Inspection from "../collectors/Inspection.ts"
import * as DecidedCommands from "../commands/DecidedCommands.ts"
import { inFlight } from "../domain/collectives/Collectives.ts"
import { now } from "../domain/Moment.ts"
import { isAlive, type ManagedProcess } from "../domain/processes/Processes.ts"
import * as LevelEventLog from "../log/level/LevelEventLog.ts"
import { all } from "../projections/all.ts"
import { alerts } from "../projections/alerts.ts"
import { collectives } from "../projections/collectives.ts"
import * as FoldedViews from "../projections/FoldedViews.ts"
import * as LiveReader from "../projections/LiveReader.ts"
import { processes } from "../projections/processes.ts"
import { Views } from "../projections/Views.ts"
import * as AlertActions from "../reactors/alerts/AlertActions.ts"
import * as CaptureEvidence from "../reactors/evidence/CaptureEvidence.ts"
import * as RaiseAlerts from "../reactors/alerts/RaiseAlerts.ts"
import * as RuleFile from "../reactors/alerts/RuleFile.ts"
import * as Announce from "../reactors/Announce.ts"
import * as Backups from "../reactors/Backups.ts"
import * as ClockWatch from "../reactors/ClockWatch.ts"
import * as FlowRunner from "../reactors/flows/FlowRunner.ts"
import * as HostProcesses from "../reactors/HostProcesses.ts"
import * as Retention from "../reactors/Retention.ts"
import * as Scrubbing from "../reactors/Scrubbing.ts"
import * as SelfWatch from "../reactors/SelfWatch.ts"
import * as OutputFiles from "../reactors/supervisor/OutputFiles.ts"
import * as SecretFiles from "../reactors/supervisor/SecretFiles.ts"
import * as Shim from "../reactors/supervisor/Shim.ts"
import * as Supervisor from "../reactors/supervisor/Supervisor.ts"
import * as TaskRunner from "../reactors/tasks/TaskRunner.ts"
import * as Ticker from "../reactors/Ticker.ts"
import * as Collecting from "./collecting.ts"
import * as Dap from "./dap.ts"
import * as DataFolder from "./DataFolder.ts"
import * as Face from "./face.ts"
import * as Grpc from "./grpc.ts"
import { outlets } from "./outlets.ts"
import { packageRoot } from "./packageRoot.ts"
import type { Settings } from "./settings/table.ts"
import { userName } from "./userName.ts"
import { version } from "./version.ts"

export interface Ready extends Face.Served {
  /** "127.0.0.1:10054"; null for a port that is off. */
  readonly grpc: string | null
  readonly dap: string | null
  /** How many processes of an earlier agent run on under this one. */
  readonly adopted: number
  readonly data: string
}

/** Runs until it is interrupted. `onReady` is told the addresses once everything answers. */
export const runAgent = (settings: Settings, onReady: (ready: Ready) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const data = resolve(settings.data)
    const made = yield* DataFolder.ensure(data)
    const agent = acting(settings, data).pipe(Layer.provideMerge(knowing(settings, data)))
    const running = Layer.mergeAll(Face.layer(settings), Grpc.layer(settings), Dap.layer(settings)).pipe(
      Layer.provideMerge(agent),
    )
    return yield* Effect.gen(function* () {
      yield* onReady({
        ...(yield* Face.served),
        grpc: yield* Grpc.GrpcAddress,
        dap: yield* Dap.DapAddress,
        adopted: yield* adopted,
        data,
      })
      return yield* Effect.never
    }).pipe(
      Effect.provide(running),
      Effect.onError(() => DataFolder.withdraw(made)),
    )
    // Nobody collects spans, and a span for each named step costs a tenth of a boot.
  }).pipe(Effect.withTracerEnabled(false))

const adopted = Effect.gen(function* () {
  const views = yield* Views
  const view = yield* views.at(now)
  const isEarlier = (one: ManagedProcess) => (one.startedAt ?? Infinity) < performance.timeOrigin * 1000
  return Array.from(view.state(processes).byId.values()).filter((one) => isAlive(one) && isEarlier(one)).length
}).pipe(Effect.orElseSucceed(() => 0))

/** The log, what is folded from it, and the one way in. */
const knowing = (settings: Settings, data: string) =>
  DecidedCommands.layer.pipe(
    Layer.provideMerge(SecretFiles.layer(data)),
    Layer.provideMerge(FoldedViews.layerCheckpointed(all)),
    Layer.provideMerge(LiveReader.layer({ name: settings.nodeId, bootId: bootId() })),
    Layer.provideMerge(LevelEventLog.layer({ directory: join(data, "log") })),
  )

/** What observes and what acts. The agent says that it is there before any of it begins, and that it goes after all of it has ended. */
const acting = (settings: Settings, data: string) =>
  Layer.mergeAll(
    Supervisor.layer({
      dataDirectory: data,
      scriptRoots: settings.scriptRoots.map((root) => resolve(root)),
      shim: Shim.locate(join(packageRoot(), "native")),
      onAgentDeath: settings.onAgentDeath,
      environment: process.env,
      sshConfig: settings.sshConfig === null ? null : resolve(settings.sshConfig),
    }),
    FlowRunner.layer({
      routines: settings.routines,
      monitoring: settings.monitoring,
      scriptRoots: settings.scriptRoots.map((root) => resolve(root)),
      python: { command: "python3", helper: join(packageRoot(), "reporters", "annalist_flows.py") },
    }),
    Collecting.layer(settings),
    HostProcesses.layer({ inspect: Inspection.make() }),
    Backups.layer,
    Scrubbing.layer(),
    Retention.layer({ keptHours: settings.retentionHours, keptBytes: settings.retentionBytes }),
    Ticker.layer((view) => inFlight(view.state(collectives)) > 0 || view.state(alerts).isRipening),
    RaiseAlerts.layer,
    CaptureEvidence.layer({ host: hostname(), outputs: OutputFiles.make(data) }),
    AlertActions.layer,
    RuleFile.layer(settings.alertRules),
    TaskRunner.layer({
      dataDirectory: data,
      directory: process.cwd(),
      user: userName(),
      host: hostname(),
      runner: [process.execPath, join(packageRoot(), "dist", "annalist.js"), "wasm"],
      outputs: OutputFiles.make(data),
    }),
    SelfWatch.layer,
    outlets(settings),
    ClockWatch.layer(),
  ).pipe(
    Layer.provideMerge(
      Announce.layer({
        bootId: bootId(),
        host: hostname(),
        pid: process.pid,
        version,
        hangLimitMillis: settings.hangLimit * 1000,
      }),
    ),
  )

const bootId = (): string => {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
  } catch {
    return "unknown"
  }
}
