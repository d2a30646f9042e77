// Node's module hooks for routine modules: the name "annalist" is the program that runs them, whether it is installed beside them or not.

import { readFile } from "node:fs/promises"
import type { LoadHook, LoadFnOutput, ResolveFnOutput } from "node:module"
import { fileURLToPath } from "node:url"
import { isTypeScript, withoutTypes } from "./typeScript.ts"

const library = new URL("../Routine.ts", import.meta.url).href

export const resolve = <Output extends ResolveFnOutput | Promise<ResolveFnOutput>, Context>(
  specifier: string,
  context: Context,
  next: (specifier: string, context: Context) => Output,
): Output | ResolveFnOutput =>
  specifier === "annalist" ? { url: library, format: "module", shortCircuit: true } : next(specifier, context)

/** Only set where Node takes no TypeScript. */
export const load: LoadHook = async (url, context, next): Promise<LoadFnOutput> => {
  if (!url.startsWith("file:") || !isTypeScript(url)) return next(url, context)
  const source = await withoutTypes(await readFile(fileURLToPath(url), "utf8"))
  return { format: "module", source, shortCircuit: true }
}
