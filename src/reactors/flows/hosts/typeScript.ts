// TypeScript without its types, each line where it was: by Node where it can, else by a transpiler that is loaded only then.

import * as module from "node:module"

interface Stripping {
  /** From Node 22.13 on. */
  readonly stripTypeScriptTypes?: (source: string) => string
}

/** From 22.18 on Node imports TypeScript by itself. */
export const nodeTakesTypeScript = "typescript" in process.features && process.features.typescript !== false

export const isTypeScript = (file: string): boolean => /\.m?ts$/.test(file)

export const withoutTypes = async (source: string): Promise<string> => {
  const { stripTypeScriptTypes } = module as Stripping
  if (stripTypeScriptTypes !== undefined) return stripTypeScriptTypes(source)
  const { transform } = await import("sucrase")
  const options = { transforms: ["typescript" as const], disableESTransforms: true, keepUnusedImports: true }
  return transform(source, options).code
}
