// Whether the engine is built with its trace. The benchmark builds it once without, to measure what watching costs where nobody watches.

declare const __ANNALIST_FLOW_HOOKS__: boolean | undefined

export const hooks = typeof __ANNALIST_FLOW_HOOKS__ === "undefined" || __ANNALIST_FLOW_HOOKS__
