import { Effect } from "effect"
import * as MemoryEventLog from "../../src/log/memory/MemoryEventLog.ts"
import * as MemoryStore from "../../src/log/memory/MemoryStore.ts"
import { eventLogSuite } from "./eventLogSuite.ts"

eventLogSuite(
  "memory",
  Effect.sync(() => {
    const medium = MemoryStore.medium()
    return { open: (options) => MemoryEventLog.layer({ ...options, medium }) }
  }),
)
