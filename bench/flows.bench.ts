// How many slot calls a second go through a flow of three in-process routines, written durably, with and without a trace.

import type { Bench } from "./Bench.ts"
import { chain, open } from "./flowsGiven.ts"

const emissions = 2000

export const bench: Bench = {
  name: "flows",
  open: async () => {
    const { callsASecond, close } = await open()
    const oneJob = (monitored: boolean) =>
      callsASecond({ ...chain, monitored }, 1, { count: emissions }, 1 + 2 * emissions)
    const manyJobs = (monitored: boolean) => callsASecond({ ...chain, monitored }, 1000, { count: 5 }, 11)
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
      ],
      close,
    }
  },
}
