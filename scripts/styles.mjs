// Lets the page's modules import their style sheets: gathers them, in import order, into one file beside the script.

import { readFileSync } from "node:fs"

export const styles = (fileName) => {
  const sheets = new Map()
  return {
    name: "styles",
    load: {
      filter: { id: /\.css$/ },
      handler(id) {
        this.addWatchFile(id)
        sheets.set(id, readFileSync(id, "utf8"))
        return { code: "export {}", moduleType: "js", moduleSideEffects: "no-treeshake" }
      },
    },
    generateBundle() {
      const source = [...this.getModuleIds()].flatMap((id) => sheets.get(id) ?? []).join("\n")
      this.emitFile({ type: "asset", fileName, source })
    },
  }
}
