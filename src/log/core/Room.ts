// Room on the medium, looked at now and then as the log is used: telemetry stops before actions do.

import { Effect } from "effect"
import type { Core } from "./Core.ts"

const LOOK_EVERY_MICROS = 1_000_000

export const shortage = "the disk is nearly full: telemetry is turned away so that actions still fit"

export const look = (core: Core): Effect.Effect<void> =>
  Effect.gen(function* () {
    const mono = core.monotonicMicros()
    if (mono - core.lookedAt < LOOK_EVERY_MICROS) return
    core.lookedAt = mono
    const free = yield* core.driver.freeBytes
    if (free === null) return
    core.telemetryStopped = free < core.limits.lowSpaceBytes
    // The reserve is taken back once there is room for it beside everything else.
    if (!core.telemetryStopped && core.store !== null) yield* core.driver.reserve.restore
  })
