// How many slot calls a second go through a flow of three in-process routines, written durably, with and without a trace; and what
// the trace costs where nobody watches: the same engine beside a build from which it was cut out.

import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Bench } from "./Bench.ts"
import type * as Given from "./flowsGiven.ts"
import { chain, open } from "./flowsGiven.ts"

const emissions = 2000
const folder = join(process.cwd(), "dist-bench-flows")

/** As the benches are built, with one word more: whether the engine has its trace. */
const built = async (hooks: boolean): Promise<typeof Given> => {
  // By a name that the bundler does not follow: the bundler is not part of what is measured.
  const [bundler, config] = ["rolldown", pathToFileURL(join(process.cwd(), "rolldown.config.mjs")).href]
  const { build } = (await import(bundler)) as { readonly build: (options: object) => Promise<unknown> }
  const { node } = (await import(config)) as { readonly node: (input: object, dir: string) => Options }
  const dir = join(folder, String(hooks))
  const options = node({ given: "bench/flowsGiven.ts" }, dir)
  const define = { ...options.transform.define, __ANNALIST_FLOW_HOOKS__: String(hooks) }
  await build({ ...options, transform: { ...options.transform, define }, logLevel: "silent" })
  return (await import(pathToFileURL(join(dir, "given.js")).href)) as typeof Given
}

interface Options {
  readonly transform: { readonly define: Readonly<Record<string, string>> }
}

export const bench: Bench = {
  name: "flows",
  open: async () => {
    const { callsASecond, close } = await open()
    const [withHooks, withoutHooks] = [await (await built(true)).open(), await (await built(false)).open()]
    const oneJob = (monitored: boolean) =>
      callsASecond({ ...chain, monitored }, 1, { count: emissions }, 1 + 2 * emissions)
    const manyJobs = (monitored: boolean) => callsASecond({ ...chain, monitored }, 1000, { count: 5 }, 11)
    const unwatched = (engine: typeof withHooks) => () =>
      engine.callsASecond({ ...chain, monitored: false, durable: false }, 100, { count: 50 }, 101)
    return {
      figures: [
        {
          figure: "slot calls of one job, sequential, traced",
          unit: "calls/s",
          better: "more",
          measure: () => oneJob(true),
          floor: { name: "not traced", measure: () => oneJob(false) },
          target: { value: 10_000 },
          turns: 5,
        },
        {
          figure: "slot calls of 1,000 jobs at once, traced",
          unit: "calls/s",
          better: "more",
          measure: () => manyJobs(true),
          floor: { name: "not traced", measure: () => manyJobs(false) },
          target: { value: 10_000 },
          turns: 5,
        },
        {
          figure: "slot calls of 100 jobs that nobody watches",
          unit: "calls/s",
          better: "more",
          measure: unwatched(withHooks),
          floor: { name: "the trace cut out", measure: unwatched(withoutHooks) },
          target: { ratio: 0.97 },
          turns: 15,
        },
      ],
      close: async () => {
        await Promise.all([close(), withHooks.close(), withoutHooks.close()])
      },
    }
  },
}
