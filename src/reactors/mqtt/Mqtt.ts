// Speaks to a broker as Propeller's proplets do: publishes what is owed from the log, says that it is there, hears the others, takes commands.

import { readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"
import { Data, Effect, Layer, Queue, Schedule } from "effect"
import type { Commands } from "../../commands/Commands.ts"
import type { ProfileName } from "../../domain/tasks/Profile.ts"
import { evolve, type Node, publicationsOf } from "../../domain/tasks/publications.ts"
import type { EventLog } from "../../log/EventLog.ts"
import { proplets } from "../../projections/proplets.ts"
import { taskMetrics } from "../../projections/taskMetrics.ts"
import type { Views } from "../../projections/Views.ts"
import { alertMessage } from "../alerts/alertMessage.ts"
import * as Outbox from "../outlets/Outbox.ts"
import * as Broker from "./Broker.ts"
import * as Ears from "./Ears.ts"
import { take } from "./takeCommand.ts"

export interface Options {
  /** null for the agent's own broker. */
  readonly url: string | null
  /** Where a broker of its own listens, if one is to. */
  readonly own: { readonly host: string; readonly port: number } | null
  readonly domain: string
  readonly channel: string
  /** The node's name among proplets. */
  readonly proplet: string
  readonly username: string | null
  readonly passwordFile: string | null
  readonly caFile: string | null
  /** Taking commands is remote execution. */
  readonly takesCommands: boolean
  readonly compresses: boolean
  readonly profile: ProfileName
  /** Seconds, in place of the profile's own. */
  readonly profileInterval: number | null
  readonly shownNames: ReadonlyArray<string>
}

class MqttSettingsError extends Data.TaggedError("MqttSettingsError")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

const presenceMillis = 9900
const lookMillis = 200
/** Commands that wait; of more at once the rest is let go, as the broker may be anybody's. */
const mostAsked = 100
/** Publications on their way at once: enough for a round trip of a few milliseconds, few enough to be held. */
const onTheWay = 16
const alive = "control/proplet/alive"

export const layer = (options: Options) => Layer.scopedDiscard(make(options))

const make = Effect.fn("Mqtt.make")(function* (options: Options) {
  const prefix = `m/${options.domain}/c/${options.channel}`
  const node: Node = { proplet: options.proplet, namespace: options.domain }
  const [password, ca] = yield* Effect.all([fileText(options.passwordFile), fileText(options.caFile)])
  const credentials = { username: options.username, password: password?.replace(/\r?\n$/, "") ?? null }
  const url = yield* brokerOf(options, credentials)
  const ears = yield* Ears.make(options.proplet)
  const asked = yield* Queue.dropping<{ readonly act: "start" | "stop"; readonly payload: Uint8Array }>(mostAsked)
  let connections = 0
  const presence = (status: "alive" | "offline") => JSON.stringify({ status, ...named(node, status) })
  const broker = yield* Broker.open({
    url,
    clientId: `annalist-${options.proplet}`,
    ...credentials,
    ca: ca === null ? null : Buffer.from(ca),
    will: { topic: `${prefix}/${alive}`, payload: presence("offline") },
    subscriptions: [
      ...Ears.topics.map((topic) => `${prefix}/${topic}`),
      ...(options.takesCommands ? [`${prefix}/control/manager/start`, `${prefix}/control/manager/stop`] : []),
    ],
    onMessage: (topic, payload) => {
      const below = topic.slice(prefix.length + 1)
      const act = below.startsWith("control/manager/") ? below.slice("control/manager/".length) : null
      if (act === "start" || act === "stop") Queue.unsafeOffer(asked, { act, payload })
      else ears.hear(below, payload)
    },
    onConnected: () => void connections++,
  })
  const say = (topic: string, word: string) => Effect.ignore(broker.publish(topic, `${prefix}/${topic}`, word))
  let greeted = 0
  let saidAt = 0
  // Only while the broker is there, and not again before the last word was taken: presence is of the moment.
  const present = Effect.suspend(() => {
    if (!broker.isConnected()) return Effect.void
    const isNew = greeted !== connections
    if (!isNew && performance.now() - saidAt < presenceMillis) return Effect.void
    greeted = connections
    saidAt = performance.now()
    const hello = isNew ? say("control/proplet/create", JSON.stringify(named(node, "alive"))) : Effect.void
    return Effect.zipRight(hello, say(alive, presence("alive")))
  })
  yield* Effect.forkScoped(Effect.repeat(present, Schedule.spaced(lookMillis)))
  const obey = Effect.flatMap(Queue.take(asked), ({ act, payload }) => take(act, payload, options))
  yield* Effect.forkScoped(Effect.forever(obey))
  yield* Effect.forkScoped(publishing(options, url, prefix, node, broker))
})

/** Where the agent publishes: another's broker where one is named, and its own only otherwise. */
const brokerOf = (
  { own, url }: Options,
  credentials: { readonly username: string | null; readonly password: string | null },
) =>
  Effect.gen(function* () {
    if (own === null)
      return url ?? (yield* new MqttSettingsError({ reason: "no broker is named, and none is to be run" }))
    const EmbeddedBroker = yield* Effect.promise(() => import("./EmbeddedBroker.ts"))
    const address = yield* EmbeddedBroker.open({ ...own, ...credentials })
    yield* Effect.logInfo(`a broker listens on ${address}`)
    return url ?? address
  })

const named = ({ proplet, namespace }: Node, status: "alive" | "offline") =>
  status === "alive" ? { namespace, proplet_id: proplet } : { proplet_id: proplet }

const publishing = (
  options: Options,
  url: string,
  prefix: string,
  node: Node,
  broker: Broker.Broker,
): Effect.Effect<never, never, Commands | Views | EventLog> => {
  const { protocol, host } = new URL(url)
  let count = 0
  return Outbox.run({
    name: "mqtt",
    to: `${protocol}//${host}/${prefix}`,
    stateAt: (view) => ({
      tasks: taskMetrics.copy(view.state(taskMetrics)),
      proplets: proplets.copy(view.state(proplets)),
    }),
    evolve,
    messagesOf: (state, envelope) => {
      const alert = alertMessage(envelope, node.proplet)
      const all = alert === null ? publicationsOf(state, envelope, node) : [{ topic: "alerts", payload: alert }]
      return all.map(({ topic, payload }) => {
        const text = JSON.stringify(payload)
        return { key: `${++count}`, topic: `${prefix}/${topic}`, payload: options.compresses ? gzipSync(text) : text }
      })
    },
    deliver: ({ key, topic, payload }) => broker.publish(key, topic, payload),
    concurrency: onTheWay,
    attempts: null,
    retry: { firstMillis: 100, mostMillis: 5000 },
  })
}

const fileText = (path: string | null): Effect.Effect<string | null, MqttSettingsError> =>
  path === null
    ? Effect.succeed(null)
    : Effect.try({
        try: () => readFileSync(path, "utf8"),
        catch: (error) => new MqttSettingsError({ reason: `${path} cannot be read for MQTT: ${String(error)}` }),
      })
