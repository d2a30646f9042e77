// Tells a collector of OpenTelemetry what the log tells: spans as they end, and every few seconds all metrics as they stood then.

import { Effect, Layer } from "effect"
import type { Commands } from "../../commands/Commands.ts"
import type { Envelope } from "../../domain/Envelope.ts"
import { type Span, type Spans, from as spansFrom, take } from "../../domain/tracing/Spans.ts"
import type { EventLog } from "../../log/EventLog.ts"
import { alerts } from "../../projections/alerts.ts"
import { flows } from "../../projections/flows.ts"
import { measures } from "../../projections/measures.ts"
import { metricFamilies } from "../../projections/metrics/metricFamilies.ts"
import { outlets } from "../../projections/outlets.ts"
import { processes } from "../../projections/processes.ts"
import { proplets } from "../../projections/proplets.ts"
import { samples } from "../../projections/samples.ts"
import * as States from "../../projections/States.ts"
import type { Views } from "../../projections/Views.ts"
import * as Outbox from "../outlets/Outbox.ts"
import { post } from "../outlets/post.ts"
import * as otlpJson from "./otlpJson.ts"

export interface Options extends otlpJson.Origin {
  /** Without the path of a signal. */
  readonly url: string
}

type Message =
  | { readonly _tag: "Spans"; readonly spans: ReadonlyArray<Span> }
  | { readonly _tag: "Metrics"; readonly body: string }

interface State {
  readonly states: States.States
  readonly spans: Spans
  /** When metrics were told last, by the host's clock; null before the first time. */
  toldAt: number | null
}

const metricsMicros = 10e6
/** With waits that double from a second to a minute: about four minutes. */
const attempts = 9
const onTheWay = 4
/** What a collector takes at once without complaint. */
const mostSpans = 512

const told = [alerts, measures, outlets, processes, proplets, samples]

export const layer = (options: Options): Layer.Layer<never, never, Commands | Views | EventLog> => {
  const base = new URL(options.url)
  const path = base.pathname.replace(/\/+$/, "")
  const at = (signal: "traces" | "metrics") => {
    const url = new URL(base)
    url.pathname = `${path}/v1/${signal}`
    return url.href
  }
  const run = Outbox.run<State, Message>({
    name: "otlp",
    to: `${base.origin}${path}`,
    stateAt: (view) => ({ states: States.from(view, told), spans: spansFrom(view.state(flows)), toldAt: null }),
    evolve: (state, envelope) => {
      States.evolve(state.states, envelope)
      return state
    },
    messagesOf: (state, envelope) => messagesOf(state, envelope, options),
    join: joined,
    deliver: (message) =>
      message._tag === "Metrics"
        ? post(at("metrics"), message.body)
        : post(at("traces"), otlpJson.traces(message.spans, options)),
    concurrency: onTheWay,
    attempts,
    retry: { firstMillis: 1000, mostMillis: 60_000 },
  })
  return Layer.scopedDiscard(Effect.forkScoped(run))
}

const messagesOf = (state: State, envelope: Envelope, origin: otlpJson.Origin): ReadonlyArray<Message> => {
  const view = States.view(state.states)
  const spans = take(state.spans, envelope, view.state(processes))
  const messages: Array<Message> = spans.length === 0 ? [] : [{ _tag: "Spans", spans }]
  if (areDue(state, envelope)) {
    state.toldAt = envelope.mono
    messages.push({ _tag: "Metrics", body: otlpJson.metrics(metricFamilies(view), envelope.at, origin) })
  }
  return messages
}

/** At a sample, as nothing else moves most of them; the clock begins anew with the host. */
const areDue = ({ toldAt }: State, { event, mono }: Envelope): boolean =>
  event._tag === "SamplesTaken" &&
  event.host !== null &&
  (toldAt === null || mono < toldAt || mono - toldAt >= metricsMicros)

const joined = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> => {
  const all = messages.flatMap((message) => (message._tag === "Spans" ? message.spans : []))
  const packets: Array<Message> = []
  for (let at = 0; at < all.length; at += mostSpans)
    packets.push({ _tag: "Spans", spans: all.slice(at, at + mostSpans) })
  return [...packets, ...messages.filter(({ _tag }) => _tag === "Metrics")]
}
