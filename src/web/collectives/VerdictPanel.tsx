// The collectives' verdict: the sentence large, and what stands behind it.

import "../styles/verdict.css"
import type { CommunicatorVerdict, VerdictAnswer } from "../../wire/verdict.ts"
import type { Desk } from "../Desk.ts"
import { count, duration, ranks, unknown } from "../format.ts"
import { Icon } from "../Icon.tsx"
import { MomentLink } from "../MomentLink.tsx"
import { hashOf, placeAt } from "../Place.ts"
import { wordOf } from "../verdictWords.ts"

interface Props {
  readonly verdict: VerdictAnswer
  readonly desk: Desk
  /** With everything behind it; otherwise what a glance takes in. */
  readonly isWhole: boolean
}

export const VerdictPanel = ({ verdict, desk, isWhole }: Props) => {
  const { word, tone } = wordOf(verdict.verdict)
  return (
    <section id="verdict" class={`panel verdict tone-${tone}`} aria-labelledby="verdict-title">
      <div class="panel-head">
        <h2 id="verdict-title" class="panel-title">
          {isWhole ? "Verdict" : <a href={hashOf(placeAt("collectives"))}>Collectives</a>}
        </h2>
        <p class="verdict-word">
          <Icon tone={tone} /> {word}
          {verdict.age_seconds !== null && tone !== "good" && (
            <span class="verdict-age"> for {duration(verdict.age_seconds)}</span>
          )}
        </p>
      </div>
      <p class="verdict-sentence">{shortened(verdict)}</p>
      {verdict.communicator === null ? (
        <FirstRecord />
      ) : (
        <div class="verdict-behind">
          {isWhole && <Facts verdict={verdict} />}
          {verdict.culprits.length > 0 && <Culprits verdict={verdict} />}
        </div>
      )}
      <Evidence verdict={verdict} desk={desk} />
      <Others all={verdict.all.slice(1)} />
    </section>
  )
}

/** A run's own name is long, and the facts give it. */
const shortened = ({ sentence, communicator }: CommunicatorVerdict): string =>
  communicator === null || communicator.run_id === null ? sentence : sentence.replaceAll(`${communicator.run_id}/`, "")

const FirstRecord = () => (
  <div class="hint">
    <p>
      Ranks report to the collectives' port (8081 unless the ready line says otherwise), one record when an operation
      starts and one when it is done:
    </p>
    <pre>
      <code>
        {`curl http://${location.hostname}:8081/log_ccl -H 'content-type: application/json' -d '{\n  "opType": "allreduce", "context_rank": 0, "context_size": 2, "count": 1024, "dataType": "float32",\n  "startTime": 1703448237123456, "endTime": 0, "filename": "train.py", "finished": false}'`}
      </code>
    </pre>
  </div>
)

/** "world of 4 ranks", and which job's: the run's own name is long and matters once there are several. */
const Group = ({ communicator }: Pick<CommunicatorVerdict, "communicator">) =>
  communicator === null ? null : (
    <>
      {communicator.comm_id ?? communicator.id}, {count(communicator.size)} ranks{" "}
      {communicator.run_id !== null && <span class="faint">of run {communicator.run_id}</span>}
    </>
  )

const Facts = ({ verdict }: { readonly verdict: CommunicatorVerdict }) => (
  <dl class="facts">
    <dt>Group</dt>
    <dd>
      <Group communicator={verdict.communicator} />
    </dd>
    {verdict.ordinal !== null && (
      <>
        <dt>{verdict.op === null ? "Entered by all" : "Operation"}</dt>
        <dd>
          {verdict.op} #{verdict.ordinal}
        </dd>
      </>
    )}
    {verdict.waiting.length > 0 && (
      <>
        <dt>Waiting</dt>
        <dd>
          {ranks(verdict.waiting)} ({verdict.waiting.length})
        </dd>
      </>
    )}
    <dt>Confidence</dt>
    <dd>{Math.round(verdict.confidence * 100)} %</dd>
    {verdict.missing_evidence.length > 0 && (
      <>
        <dt>Not known</dt>
        <dd>{verdict.missing_evidence.join("; ")}</dd>
      </>
    )}
  </dl>
)

const shownCulprits = 64

const Culprits = ({ verdict }: { readonly verdict: CommunicatorVerdict }) => (
  <table class="culprits" role="table">
    <caption>{verdict.culprits.length === 1 ? "Who is waited for" : "Who are waited for"}</caption>
    <thead>
      <tr>
        <th scope="col">Rank</th>
        <th scope="col">Process</th>
        <th scope="col">Host</th>
        <th scope="col">State</th>
      </tr>
    </thead>
    <tbody>
      {verdict.culprits.slice(0, shownCulprits).map((culprit) => (
        <tr key={culprit.rank}>
          <th scope="row">{culprit.rank}</th>
          <td>{culprit.pid === null ? unknown : `pid ${culprit.pid}`}</td>
          <td>{culprit.host ?? unknown}</td>
          <td>{culprit.label}</td>
        </tr>
      ))}
      {verdict.culprits.length > shownCulprits && (
        <tr>
          <td colSpan={4}>and {count(verdict.culprits.length - shownCulprits)} more</td>
        </tr>
      )}
    </tbody>
  </table>
)

const shownEvidence = 24

const Evidence = ({ verdict, desk }: { readonly verdict: VerdictAnswer; readonly desk: Desk }) =>
  verdict.evidence.length === 0 ? null : (
    <p class="evidence">
      <span class="faint">Evidence</span>
      {verdict.evidence.slice(0, shownEvidence).map((position) => (
        <MomentLink key={position} at={String(position)} choose={desk.choose} label={`Event at position ${position}`}>
          #{position}
        </MomentLink>
      ))}
      {verdict.evidence.length > shownEvidence && (
        <span class="faint">and {count(verdict.evidence.length - shownEvidence)} more</span>
      )}
    </p>
  )

const shownOthers = 12

/** Its kind stands before the sentence already. */
const sentenceOf = (one: CommunicatorVerdict): string => shortened(one).replace(/^healthy: /, "")

const Others = ({ all }: { readonly all: ReadonlyArray<CommunicatorVerdict> }) =>
  all.length === 0 ? null : (
    <ul class="others" aria-label="Other groups">
      {all.slice(0, shownOthers).map((one) => (
        <li key={one.communicator?.id} class={`tone-${wordOf(one.verdict).tone}`}>
          <Icon tone={wordOf(one.verdict).tone} /> <b>{wordOf(one.verdict).word}</b> {sentenceOf(one)}
        </li>
      ))}
      {all.length > shownOthers && <li class="faint">and {count(all.length - shownOthers)} more</li>}
    </ul>
  )
