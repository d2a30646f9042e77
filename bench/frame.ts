// What `npm run bench` takes of the frame.

export { runBench } from "./Bench.ts"
export { short, table } from "./table.ts"
