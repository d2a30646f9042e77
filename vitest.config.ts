import { defineConfig } from "vitest/config"

// What takes long lives in *.soak.ts and runs only under `npm run soak`.
const soak = process.env.ANNALIST_SOAK === "1"

export default defineConfig({
  test: {
    include: [soak ? "test/**/*.soak.ts" : "test/**/*.test.ts"],
    environment: "node",
    setupFiles: ["test/support/ended.ts"],
    passWithNoTests: true,
    // Generous: a busy machine is slow, and only what hangs should be called failed.
    testTimeout: soak ? 600_000 : 60_000,
    hookTimeout: soak ? 600_000 : 60_000,
    // Most tests wait for real programs more than they compute.
    maxWorkers: soak ? 1 : 2,
    // Processes, not threads: tests send signals, change folders and load compiled code.
    pool: "forks",
  },
  define: { __ANNALIST_VERSION__: JSON.stringify("0.0.0-test") },
})
