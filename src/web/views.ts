// The views, in the order of their keys.

import { collectivesView } from "./collectives/CollectivesView.tsx"
import { flowsView } from "./flows/FlowsView.tsx"
import { logView } from "./log/LogView.tsx"
import { overviewView } from "./overview/Overview.tsx"
import type { ViewName } from "./Place.ts"
import { processesView } from "./processes/ProcessesView.tsx"
import type { View } from "./View.ts"

export const views: ReadonlyArray<View> = [overviewView, processesView, collectivesView, flowsView, logView]

export const viewOf = (name: ViewName): View => views.find((view) => view.name === name) ?? overviewView
