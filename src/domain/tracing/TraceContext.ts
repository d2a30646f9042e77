// The W3C trace context in which processes and jobs run: a caller's own that is continued, or one that follows from their ids, so that
// it is the same in the log, in the environment of a child, and in every reading of the log.

export interface TraceContext {
  /** 32 and 16 hexadecimal digits. */
  readonly traceId: string
  readonly spanId: string
  /** The caller's span; null where the trace begins here. */
  readonly parentSpanId: string | null
  /** Two hexadecimal digits. */
  readonly flags: string
}

export interface Caller {
  readonly traceId: string
  readonly parentSpanId: string
  readonly flags: string
}

const sampled = "01"
const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** null for what is no `traceparent`: the standard wants a new trace begun then. */
export const parse = (traceparent: string): Caller | null => {
  const [, traceId, parentSpanId, flags, rest] = form.exec(traceparent.trim()) ?? []
  if (traceId === undefined || parentSpanId === undefined || flags === undefined) return null
  // Only versions to come may say more.
  return rest !== undefined && traceparent.trim().startsWith("00") ? null : { traceId, parentSpanId, flags }
}

/** One life of a process, told from others under its id by when it was asked for, µs. */
export const ofProcess = (process: string, requestedAt: number, traceparent: string | undefined): TraceContext => {
  const caller = traceparent === undefined ? null : parse(traceparent)
  const spanId = digest(`${process} ${requestedAt}`)
  return caller === null ? { ...begun(process), spanId } : { ...caller, spanId }
}

export const ofJob = (job: string): TraceContext => ({ ...begun(job), spanId: digest(`job ${job}`) })

/** Something that befell another, or is part of it. */
export const within = (context: TraceContext, what: string): TraceContext => ({
  ...context,
  spanId: digest(`${context.spanId} ${what}`),
  parentSpanId: context.spanId,
})

/** Something that is of no other. */
export const alone = (name: string, what: string): TraceContext => ({ ...begun(name), spanId: digest(what) })

export const isSampled = ({ flags }: TraceContext): boolean => (Number.parseInt(flags, 16) & 1) === 1

export const traceparentOf = ({ traceId, spanId, flags }: TraceContext): string => `00-${traceId}-${spanId}-${flags}`

const begun = (id: string) => ({
  traceId: digest(`trace ${id}`) + digest(`${id} trace`),
  parentSpanId: null,
  flags: sampled,
})

/** 64 bits that differ for texts that differ, as cyrb53 makes them: no secret depends on it. */
const digest = (text: string): string => {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    high = Math.imul(high ^ unit, 2_654_435_761)
    low = Math.imul(low ^ unit, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  return hexadecimal(low) + hexadecimal(high)
}

const hexadecimal = (word: number): string => (word >>> 0).toString(16).padStart(8, "0")
