// What several views ask of the agent.

import type { MetricsAnswer } from "../wire/agent.ts"
import type { ProcessesAnswer, StateAnswer } from "../wire/state.ts"
import type { VerdictAnswer } from "../wire/verdict.ts"
import { question } from "./Question.ts"

export const stateAsked = question<StateAnswer>("v1/state")
export const verdictAsked = question<VerdictAnswer>("v1/ccl/verdict")
export const processesAsked = question<ProcessesAnswer>("v1/processes")
export const metricsAsked = question<MetricsAnswer>("metrics", {}, 2_000)
