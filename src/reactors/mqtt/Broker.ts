// The connection to the broker: it comes back by itself, keeps its session over a restart of the broker, and says why when it is away.

import { connect, type IClientOptions, type MqttClient } from "mqtt"
import { Data, Effect, type Scope } from "effect"
import { Undelivered } from "../outlets/Outbox.ts"

export interface BrokerOptions {
  readonly url: string
  readonly clientId: string
  readonly username: string | null
  readonly password: string | null
  readonly ca: Uint8Array | null
  readonly will: { readonly topic: string; readonly payload: string }
  readonly subscriptions: ReadonlyArray<string>
  readonly onMessage: (topic: string, payload: Uint8Array) => void
  /** Each time that the broker is there. */
  readonly onConnected: () => void
}

export interface Broker {
  readonly isConnected: () => boolean
  /** Until it is acknowledged to the end. Asked again under the same key, it waits for the publication that is on its way. */
  readonly publish: (key: string, topic: string, payload: string | Buffer) => Effect.Effect<void, Undelivered>
}

export class BrokerError extends Data.TaggedError("BrokerError")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

const acknowledgedMillis = 5000
const reconnectMillis = 1000
const goodbyeMillis = 1000
const keepAliveSeconds = 30

export const open = (options: BrokerOptions): Effect.Effect<Broker, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { client, reason } = yield* Effect.acquireRelease(
      Effect.sync(() => connected(options)),
      (opened) => Effect.promise(() => goodbye(opened.client, options.will)),
    )
    const broker: Broker = { isConnected: () => client.connected, publish: publishing(client, reason) }
    client.on("connect", () => options.onConnected())
    return broker
  })

/** The password stays out of the log: whatever is told of an error is told without the address. */
const connected = (options: BrokerOptions) => {
  let lastError: string | null = null
  const client = connect(options.url, clientOptions(options))
  client.on("error", (error) => (lastError = textOf(error)))
  client.on("connect", () => {
    lastError = null
    client.subscribe([...options.subscriptions], { qos: 2 }, (error) => {
      if (error !== null) lastError = `it refuses the subscription: ${error.message}`
    })
  })
  client.on("message", (topic, payload) => options.onMessage(topic, payload))
  const reason = () => {
    if (client.connected) return lastError ?? "the broker is connected and does not acknowledge"
    return lastError ?? "the broker does not answer"
  }
  return { client, reason }
}

const clientOptions = ({ clientId, username, password, ca, will }: BrokerOptions): IClientOptions => ({
  clientId,
  // The broker keeps what is on its way, so that a restart of it neither loses nor doubles a message.
  clean: false,
  protocolVersion: 4,
  keepalive: keepAliveSeconds,
  reconnectPeriod: reconnectMillis,
  reconnectOnConnackError: true,
  connectTimeout: acknowledgedMillis,
  will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 2, retain: false },
  ...(username === null ? {} : { username }),
  ...(password === null ? {} : { password }),
  ...(ca === null ? {} : { ca: Buffer.from(ca) }),
})

const publishing = (client: MqttClient, reason: () => string): Broker["publish"] => {
  const onTheWay = new Map<string, Promise<unknown>>()
  const begin = (key: string, topic: string, payload: string | Buffer) => {
    const sent = client.publishAsync(topic, payload, { qos: 2 }).finally(() => onTheWay.delete(key))
    onTheWay.set(key, sent)
    return sent
  }
  return (key, topic, payload) =>
    Effect.tryPromise({
      try: () => onTheWay.get(key) ?? begin(key, topic, payload),
      catch: (error) => new Undelivered({ reason: textOf(error), final: false }),
    }).pipe(
      Effect.timeoutFail({
        duration: acknowledgedMillis,
        onTimeout: () => new Undelivered({ reason: reason(), final: false }),
      }),
      Effect.asVoid,
    )
}

/** An orderly end is told like a broken one, only at once. */
const goodbye = async (client: MqttClient, { topic, payload }: BrokerOptions["will"]): Promise<void> => {
  const soon = new Promise((resolve) => setTimeout(resolve, goodbyeMillis).unref())
  if (client.connected)
    await Promise.race([client.publishAsync(topic, payload, { qos: 2 }).catch(() => undefined), soon])
  await Promise.race([client.endAsync(!client.connected).catch(() => undefined), soon])
}

const textOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors[0] !== undefined) return textOf(error.errors[0])
  return error instanceof Error ? error.message || String(error) : String(error)
}
