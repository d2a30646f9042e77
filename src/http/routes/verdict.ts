// GET /v1/ccl/verdict: how the job's collectives stand, at any moment; the same bytes live, opened and looked back at.

import { judge } from "../../domain/collectives/judge.ts"
import type { Verdict } from "../../domain/collectives/Verdict.ts"
import { collectives } from "../../projections/collectives.ts"
import { processes } from "../../projections/processes.ts"
import { samples } from "../../projections/samples.ts"
import type { View } from "../../projections/Views.ts"
import { type CommunicatorVerdict, VerdictAnswer } from "../../wire/verdict.ts"
import type { Route } from "../Route.ts"

export const verdictRoutes: ReadonlyArray<Route> = [
  {
    _tag: "Query",
    method: "GET",
    path: "/v1/ccl/verdict",
    role: "viewer",
    errors: "problem",
    tag: "collectives",
    summary: "Which rank holds a job up, since when, and what is known of its process; worst first.",
    response: VerdictAnswer,
    answer: (_, view) => ({ status: 200, body: verdictAnswer(view) }),
  },
]

export const verdictAnswer = (view: View): VerdictAnswer => {
  const known = {
    collectives: view.state(collectives),
    processes: view.state(processes),
    samples: view.state(samples),
  }
  const all = judge(known, view.at).map(wireOf)
  const [worst] = all
  if (worst === undefined) throw new Error("a judgement always has at least one verdict")
  return { ...worst, position: view.position, all }
}

const wireOf = (verdict: Verdict): CommunicatorVerdict => ({
  verdict: verdict.kind,
  sentence: verdict.sentence,
  communicator:
    verdict.communicator === null
      ? null
      : {
          id: verdict.communicator.id,
          run_id: verdict.communicator.runId,
          comm_id: verdict.communicator.commId,
          size: verdict.communicator.size,
        },
  ordinal: verdict.ordinal,
  op: verdict.op,
  culprits: verdict.culprits,
  waiting: verdict.waiting,
  age_seconds: verdict.ageSeconds,
  evidence: verdict.evidence,
  confidence: verdict.confidence,
  missing_evidence: verdict.missingEvidence,
})
