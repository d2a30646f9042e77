// `npm run bench`: runs bench/*.bench.ts, each bundled with the internals it measures. `-- --json` for machines, `-- start` for one of them.

import { rmSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { at, giveUp, root, say } from "./root.mjs"
import { ensure } from "./setup.mjs"

await ensure("run")
process.chdir(root)
const args = process.argv.slice(2)
const wanted = args.filter((arg) => !arg.startsWith("-"))

const { build } = await import("rolldown")
const { benches } = await import(pathToFileURL(at("rolldown.config.mjs")).href)
const folder = at("dist-bench")
rmSync(folder, { recursive: true, force: true })
const options = benches(folder)
await build({ ...options, logLevel: "warn" })

const load = (name) => import(pathToFileURL(at("dist-bench", `${name}.js`)).href)
const { runBench, table, short } = await load("frame")
const names = Object.keys(options.input)
  .filter((name) => name.endsWith(".bench"))
  .map((name) => name.replace(/\.bench$/, ""))
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) giveUp(`There is no bench ${unknown.join(", ")}; there are: ${names.join(", ")}.`)

const results = []
for (const name of names.filter((each) => wanted.length === 0 || wanted.includes(each))) {
  const { bench } = await load(`${name}.bench`)
  results.push(
    ...(await runBench(bench, (result) =>
      say(`${result.bench}: ${result.figure} ${short(result.value)} ${result.unit}`),
    )),
  )
}
console.log(args.includes("--json") ? JSON.stringify({ node: process.version, results }) : `\n${table(results)}`)
process.exitCode = results.some((result) => result.ok === false) ? 1 : 0
