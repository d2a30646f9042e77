import { Effect } from "effect"
import * as MemoryEventLog from "../../src/log/memory/MemoryEventLog.ts"
import * as MemoryStore from "../../src/log/memory/MemoryStore.ts"
import { eventLogSuite, type Place } from "./eventLogSuite.ts"
import { upkeepSuite } from "./upkeepSuite.ts"

const place = Effect.sync((): Place => {
  const medium = MemoryStore.medium()
  return { open: (options) => MemoryEventLog.layer({ ...options, medium }) }
})

eventLogSuite("memory", place)
upkeepSuite("memory", place)
