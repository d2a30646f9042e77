// The table of everything that can be asked: each system's routes, collected. Nothing answers that is not in here.

import type { Route } from "./Route.ts"
import type { RouteSettings } from "./RouteSettings.ts"
import * as RouteTable from "./RouteTable.ts"
import { alertRoutes } from "./routes/alerts.ts"
import { auditRoutes } from "./routes/audit.ts"
import { backupRoutes } from "./routes/backup.ts"
import { dapRoutes } from "./routes/dap.ts"
import { docsRoute } from "./routes/docs.ts"
import { eventRoutes } from "./routes/events.ts"
import { exportRoutes } from "./routes/export.ts"
import { healthRoutes } from "./routes/health.ts"
import { cclOperations } from "./routes/cclOperations.ts"
import { cclQueries } from "./routes/cclQueries.ts"
import { cclRoutes } from "./routes/logCcl.ts"
import { measureRoutes } from "./routes/measures.ts"
import { metricsRoutes } from "./routes/metrics.ts"
import { monitorRoutes } from "./routes/monitor.ts"
import { openApiRoute } from "./routes/openapi.ts"
import { pageRoutes } from "./routes/page.ts"
import { processCommands } from "./routes/processCommands.ts"
import { processLogs } from "./routes/processLogs.ts"
import { processRoutes } from "./routes/processes.ts"
import { replayRoutes } from "./routes/replay.ts"
import { routiluxRoutes } from "./routes/routilux.ts"
import { scriptRoutes } from "./routes/script.ts"
import { seriesRoutes } from "./routes/series.ts"
import { propletRoutes } from "./routes/proplets.ts"
import { taskRoutes } from "./routes/tasks.ts"
import { stateRoutes } from "./routes/state.ts"
import { timelineRoutes } from "./routes/timeline.ts"

export const table = (settings: RouteSettings): RouteTable.RouteTable => {
  const described = (): ReadonlyArray<Route> => made.routes
  const made = RouteTable.make([
    ...scriptRoutes(settings),
    ...metricsRoutes,
    ...cclRoutes,
    ...cclQueries,
    ...alertRoutes,
    ...cclOperations,
    ...processRoutes,
    ...monitorRoutes,
    ...measureRoutes,
    ...processCommands(settings),
    ...processLogs(settings),
    ...routiluxRoutes(settings),
    ...dapRoutes(settings),
    ...taskRoutes(settings),
    ...propletRoutes(settings),
    ...stateRoutes,
    ...seriesRoutes,
    ...eventRoutes,
    ...timelineRoutes,
    ...auditRoutes,
    ...exportRoutes,
    ...replayRoutes(settings),
    ...backupRoutes,
    ...healthRoutes,
    openApiRoute(settings.about, described),
    docsRoute(settings.about, described),
    ...pageRoutes(settings),
  ])
  return made
}
