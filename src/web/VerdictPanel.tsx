// The collectives' verdict: the sentence large, and everything that stands behind it.

import "./styles/verdict.css"
import type { CommunicatorVerdict, VerdictAnswer } from "../wire/verdict.ts"
import type { Choose } from "./Choose.ts"
import { count, duration, ranks, unknown } from "./format.ts"
import { Icon } from "./Icon.tsx"
import { MomentLink } from "./MomentLink.tsx"
import { wordOf } from "./verdictWords.ts"

interface Props {
  readonly verdict: VerdictAnswer
  readonly choose: Choose
}

export const VerdictPanel = ({ verdict, choose }: Props) => {
  const { word, tone } = wordOf(verdict.verdict)
  return (
    <section id="verdict" class={`panel verdict tone-${tone}`} aria-labelledby="verdict-title" tabIndex={-1}>
      <h2 id="verdict-title" class="panel-title">
        Collectives
      </h2>
      <p class="verdict-word">
        <Icon tone={tone} /> {word}
        {verdict.age_seconds !== null && tone !== "good" && (
          <span class="verdict-age"> for {duration(verdict.age_seconds)}</span>
        )}
      </p>
      <p class="verdict-sentence">{verdict.sentence}</p>
      {verdict.communicator === null ? (
        <FirstRecord />
      ) : (
        <div class="verdict-behind">
          <Facts verdict={verdict} />
          {verdict.culprits.length > 0 && <Culprits verdict={verdict} />}
        </div>
      )}
      <Evidence verdict={verdict} choose={choose} />
      <Others all={verdict.all.slice(1)} />
    </section>
  )
}

const FirstRecord = () => (
  <p class="hint">
    Ranks report to <code>http://{location.hostname}:8081/log_ccl</code>, or wherever the agent's ready line says that
    its collectives port is.
  </p>
)

const Facts = ({ verdict }: { readonly verdict: CommunicatorVerdict }) => (
  <dl class="facts">
    <dt>Communicator</dt>
    <dd>
      {verdict.communicator?.id ?? unknown}, {count(verdict.communicator?.size ?? null)} ranks
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
        <dt>Waiting ranks</dt>
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
  <table class="culprits">
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

const Evidence = ({ verdict, choose }: Props) =>
  verdict.evidence.length === 0 ? null : (
    <div class="evidence">
      <h3>Evidence</h3>
      <ul>
        {verdict.evidence.map((position) => (
          <li key={position}>
            <MomentLink at={String(position)} choose={choose} label={`Event at position ${position}`}>
              #{position}
            </MomentLink>
          </li>
        ))}
      </ul>
    </div>
  )

const shownOthers = 20

const Others = ({ all }: { readonly all: ReadonlyArray<CommunicatorVerdict> }) =>
  all.length === 0 ? null : (
    <div class="others">
      <h3>Other communicators</h3>
      <ul>
        {all.slice(0, shownOthers).map((one) => (
          <li key={one.communicator?.id} class={`tone-${wordOf(one.verdict).tone}`}>
            <Icon tone={wordOf(one.verdict).tone} /> <b>{wordOf(one.verdict).word}</b> {one.sentence}
          </li>
        ))}
        {all.length > shownOthers && <li>and {count(all.length - shownOthers)} more</li>}
      </ul>
    </div>
  )
