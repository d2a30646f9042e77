// What is bundled into what: the program and the library for Node, the page for the browser. Paths are relative to the checkout.

import { existsSync, readFileSync, readdirSync } from "node:fs"
import { basename, join } from "node:path"
import { styles } from "./scripts/styles.mjs"
import { workerUrls } from "./scripts/worker-urls.mjs"

const manifest = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"))

/** Known at build time, in place of a look at package.json at every start. */
export const constants = { __ANNALIST_VERSION__: JSON.stringify(manifest.version) }

/** What stays outside the bundle: it carries compiled code, so that the user's npm fetches the right one. */
export const external = [...Object.keys(manifest.dependencies), /^node:/]

/** The tarball cannot carry msgpackr's optional native part, so no build uses it: every user runs the same code. */
const alias = { msgpackr: join(import.meta.dirname, "node_modules/msgpackr/index.js") }

const entries = { annalist: "src/main.ts", index: "src/index.ts" }

export const node = (input = entries, dir = "dist") => ({
  cwd: import.meta.dirname,
  input: Object.fromEntries(Object.entries(input).filter(([, file]) => existsSync(join(import.meta.dirname, file)))),
  platform: "node",
  external,
  resolve: { alias },
  transform: { define: constants, target: "node20" },
  plugins: [workerUrls()],
  output: {
    dir,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    sourcemap: true,
    minify: false,
    banner: (chunk) => (chunk.name === "annalist" && chunk.isEntry ? "#!/usr/bin/env node" : ""),
  },
})

/** How JSX is written is said in src/web/tsconfig.json. */
export const page = (dir = "dist/web") => ({
  cwd: import.meta.dirname,
  input: { page: "src/web/main.tsx" },
  platform: "browser",
  transform: { define: constants, target: "es2022" },
  plugins: [styles("page.css")],
  output: {
    dir,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    sourcemap: "hidden",
    minify: true,
  },
})

/** Every `bench/*.bench.ts`, with the internals that it imports. */
export const benches = (dir) => {
  const files = readdirSync(join(import.meta.dirname, "bench")).filter((file) => file.endsWith(".bench.ts"))
  const all = ["frame.ts", ...files]
  return node(Object.fromEntries(all.map((file) => [basename(file, ".ts"), `bench/${file}`])), dir)
}

export default [node(), page()]
