// The folder of the built page: beside the bundle, whichever of its chunks this is in.

import { existsSync } from "node:fs"
import { join } from "node:path"

/** null where the page was not built. */
export const webRoot = (): string | null =>
  [join(import.meta.dirname, "web"), join(import.meta.dirname, "..", "web")].find((folder) =>
    existsSync(join(folder, "index.html")),
  ) ?? null
