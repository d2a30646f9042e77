// `new URL("./Packer.ts", import.meta.url)` names a source file, which no bundle holds: makes that file an entry and points the URL at it.

import { dirname, resolve } from "node:path"

const sourceUrl = /new URL\(\s*"(\.{1,2}\/[^"]+\.ts)"\s*,\s*import\.meta\.url\s*\)/g

export const workerUrls = () => ({
  name: "worker-urls",
  transform: {
    filter: { id: /\.ts$/, code: /new URL\(/ },
    handler(code, id) {
      const withEntries = code.replaceAll(sourceUrl, (_, path) => {
        const reference = this.emitFile({ type: "chunk", id: resolve(dirname(id), path) })
        return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`
      })
      // No line moves, so the map that exists stays good enough.
      return { code: withEntries, map: null }
    },
  },
})
