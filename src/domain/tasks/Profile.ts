// How closely a task is watched: seed 001's seven profiles, and what a task may say otherwise.

import { Either, Schema } from "effect"

export const Profile = Schema.Struct({
  enabled: Schema.Boolean,
  intervalSeconds: Schema.Number,
  cpu: Schema.Boolean,
  memory: Schema.Boolean,
  disk: Schema.Boolean,
  network: Schema.Boolean,
  threads: Schema.Boolean,
  descriptors: Schema.Boolean,
  exported: Schema.Boolean,
  /** Looks that are kept and aggregated; 0 for none. */
  history: Schema.Int,
})
export type Profile = typeof Profile.Type

const all = {
  enabled: true,
  cpu: true,
  memory: true,
  disk: true,
  network: true,
  threads: true,
  descriptors: true,
  exported: true,
}
const bare = { disk: false, network: false, threads: false, descriptors: false }

const profiles = {
  standard: { ...all, intervalSeconds: 10, history: 100 },
  minimal: { ...all, ...bare, exported: false, intervalSeconds: 60, history: 0 },
  intensive: { ...all, intervalSeconds: 1, history: 1000 },
  batch_processing: { ...all, ...bare, disk: true, intervalSeconds: 30, history: 200 },
  realtime_api: { ...all, disk: false, intervalSeconds: 5, history: 500 },
  long_running_daemon: { ...all, intervalSeconds: 120, history: 500 },
  disabled: {
    ...all,
    ...bare,
    enabled: false,
    cpu: false,
    memory: false,
    exported: false,
    intervalSeconds: 0,
    history: 0,
  },
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof profiles

export const profileNamed = (name: ProfileName): Profile => profiles[name]

/** What a task gets that names none: the agent's own, but daemons are looked at seldom unless the agent was told otherwise. */
export const usual = (ofAgent: ProfileName, daemon: boolean, intervalSeconds: number | null = null): Profile => {
  const profile = profiles[daemon && ofAgent === "standard" ? "long_running_daemon" : ofAgent]
  return intervalSeconds === null ? profile : { ...profile, intervalSeconds }
}

const Asked = Schema.Struct({
  enabled: Schema.optional(Schema.Boolean),
  interval: Schema.optional(Schema.Number),
  collect_cpu: Schema.optional(Schema.Boolean),
  collect_memory: Schema.optional(Schema.Boolean),
  collect_disk_io: Schema.optional(Schema.Boolean),
  collect_network_io: Schema.optional(Schema.Boolean),
  collect_threads: Schema.optional(Schema.Boolean),
  collect_file_descriptors: Schema.optional(Schema.Boolean),
  export_to_mqtt: Schema.optional(Schema.Boolean),
  retain_history: Schema.optional(Schema.Boolean),
  history_size: Schema.optional(Schema.Int.pipe(Schema.between(0, 10_000))),
})
const decode = Schema.decodeUnknownEither(Asked)

/** Go clients send nanoseconds, Rust ones seconds. */
const nanosecondsFrom = 1e6
const leastSeconds = 0.1
const mostSeconds = 86_400

/** By name, or field by field on top of the usual one. On the left, what is wrong with it. */
export const read = (written: unknown, fallback: Profile): Either.Either<Profile, string> => {
  if (written === undefined || written === null) return Either.right(fallback)
  if (typeof written === "string") {
    const named = Object.entries(profiles).find(([name]) => name === written)?.[1]
    const names = Object.keys(profiles).join(", ")
    return named === undefined
      ? Either.left(`there is no monitoring profile ${JSON.stringify(written.slice(0, 60))}; there are ${names}`)
      : Either.right(named)
  }
  const asked = decode(written)
  if (Either.isLeft(asked)) return Either.left(`monitoring_profile: ${asked.left.message}`)
  return merged(asked.right, fallback)
}

const merged = (asked: typeof Asked.Type, fallback: Profile): Either.Either<Profile, string> => {
  const { interval = fallback.intervalSeconds } = asked
  const seconds = interval >= nanosecondsFrom ? interval / 1e9 : interval
  const enabled = asked.enabled ?? fallback.enabled
  if (enabled && !(seconds >= leastSeconds && seconds <= mostSeconds)) {
    return Either.left(
      `the interval of a monitoring profile is ${seconds} s; ${leastSeconds} to ${mostSeconds} s is right, in seconds or (from 1000000 on) nanoseconds`,
    )
  }
  const size = asked.history_size ?? (fallback.history === 0 && asked.retain_history === true ? 100 : fallback.history)
  return Either.right({
    enabled,
    intervalSeconds: seconds,
    cpu: asked.collect_cpu ?? fallback.cpu,
    memory: asked.collect_memory ?? fallback.memory,
    disk: asked.collect_disk_io ?? fallback.disk,
    network: asked.collect_network_io ?? fallback.network,
    threads: asked.collect_threads ?? fallback.threads,
    descriptors: asked.collect_file_descriptors ?? fallback.descriptors,
    exported: asked.export_to_mqtt ?? fallback.exported,
    history: asked.retain_history === false ? 0 : size,
  })
}
