// Answers as an agent gives them, to start from in the page's tests.

import type { MetricsAnswer } from "../../src/wire/agent.ts"
import type { ProcessAnswer, ProcessesAnswer, StateAnswer } from "../../src/wire/state.ts"
import type { CommunicatorVerdict, VerdictAnswer } from "../../src/wire/verdict.ts"
import type { Outcome } from "../../src/web/answers.ts"
import type { Picture } from "../../src/web/PageState.ts"
import { metricsAsked, processesAsked, verdictAsked } from "../../src/web/questions.ts"

export const firstAt = "2026-01-31T03:00:00.000000Z"
export const headAt = "2026-01-31T03:20:00.000000Z"

export const state = (over: Partial<StateAnswer> = {}): StateAnswer => ({
  position: 1000,
  at: headAt,
  first: { position: 1, at: firstAt },
  head: { position: 1000, at: headAt },
  source: "live",
  read_only: false,
  node: "node-7",
  log_id: "0f5cbe4e",
  log_bytes: 1_234_567,
  processes: { running: 3, total: 4 },
  collectives: { communicators: 1, in_flight: 3 },
  last: { ProcessExited: 1000 },
  ...over,
})

const missingRank: CommunicatorVerdict = {
  verdict: "missing_rank",
  sentence: "rank 2 (pid 4713, node-7) never entered allreduce #412 of train.py; stopped (T) for 95 s; 3 ranks wait",
  communicator: { id: "world", run_id: "run-1", comm_id: null, size: 4 },
  ordinal: 412,
  op: "allreduce",
  culprits: [{ rank: 2, host: "node-7", pid: 4713, label: "stopped (T) for 95 s" }],
  waiting: [0, 1, 3],
  age_seconds: 95,
  evidence: [871, 874, 877, 880],
  confidence: 0.9,
  missing_evidence: [],
  examined: [],
}

export const verdict = (over: Partial<VerdictAnswer> = {}): VerdictAnswer => ({
  ...missingRank,
  position: 1000,
  all: [missingRank],
  ...over,
})

export const healthy = (over: Partial<VerdictAnswer> = {}): VerdictAnswer => {
  const one: CommunicatorVerdict = {
    ...missingRank,
    verdict: "healthy",
    sentence: "healthy: 4 of 4 ranks report in world; #400 entered by all; nothing in flight",
    ordinal: 400,
    op: null,
    culprits: [],
    waiting: [],
    age_seconds: null,
    evidence: [],
  }
  return verdict({ ...one, all: [one], ...over })
}

export const process = (over: Partial<ProcessAnswer> = {}): ProcessAnswer => ({
  id: "0b5f9a3e-rank0",
  name: "rank0",
  kind: "process",
  status: "running",
  pid: 4711,
  argv: ["python3", "train.py"],
  working_directory: "/srv/job",
  script_path: null,
  env: null,
  user: "trainer",
  session: null,
  host: "node-7",
  requested_at: "2026-01-31T03:01:00.000000Z",
  started_at: "2026-01-31T03:01:00.250000Z",
  ended_at: null,
  exit_code: null,
  exit_signal: null,
  reason: null,
  cpu_percent: 97.53,
  resident_bytes: 1_610_612_736,
  threads: 17,
  kernel_state: "S",
  ...over,
})

export const metrics: MetricsAnswer = {
  timestamp: 1_769_829_600,
  metrics: {
    system_cpu_usage: 48.75,
    system_memory_total_bytes: 68_719_476_736,
    system_memory_used_bytes: 25_769_803_776,
    system_memory_free_bytes: 8_589_934_592,
    system_memory_available_bytes: 42_949_672_960,
    system_swap_total_bytes: 0,
    system_swap_used_bytes: 0,
    system_swap_free_bytes: 0,
    system_load_average_1m: 3.98,
    system_load_average_5m: 3.1,
    system_load_average_15m: 1.04,
    system_uptime_secs: 183_845,
    total_processes: 412,
    cpu_cores: 8,
    cpu_threads: 16,
    process_metrics: null,
  },
  derived_metrics: { memory_usage_percent: 37.5, swap_usage_percent: null, memory_available_percent: 62.5 },
}

export const answered = <A>(value: A) => ({ _tag: "Answered", value }) as const

/** The answers of the overview, each but for what `over` says otherwise. */
export const picture = (
  over: Partial<Pick<Picture, "at" | "state">> & {
    readonly verdict?: Outcome<VerdictAnswer>
    readonly processes?: Outcome<ProcessesAnswer>
  } = {},
): Picture => ({
  at: over.at ?? null,
  state: over.state ?? state(),
  answers: new Map<string, Outcome<unknown>>([
    [verdictAsked.url, over.verdict ?? answered(verdict())],
    [processesAsked.url, over.processes ?? answered({ position: 1000, processes: [process()] })],
    [metricsAsked.url, answered(metrics)],
  ]),
})
