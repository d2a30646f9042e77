// annalist wasm FILE: runs a WebAssembly module as a task does, in a process of its own: its start function under WASI, or one function.

import { readFile } from "node:fs/promises"
import { resultMark } from "../../domain/tasks/resultMark.ts"
import { exitCodes, type Invocation } from "../Command.ts"

/** What of the engine is used here: Node's types leave it to the browser's. */
interface Engine {
  readonly compile: (bytes: Uint8Array) => Promise<object>
  readonly instantiate: (module: object, imports: object) => Promise<Instance>
  readonly Module: { readonly imports: (module: object) => ReadonlyArray<{ readonly module: string }> }
}
interface Instance {
  readonly exports: Readonly<Record<string, unknown>>
}
const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly

export const run = async ({ operands, values, terminal, environment }: Invocation): Promise<number> => {
  const [file = "", ...args] = operands
  try {
    const module = await engine.compile(await readFile(file))
    const wasi = needsWasi(module) ? await wasiOf([file, ...args], environment) : null
    const imports = wasi === null ? {} : { wasi_snapshot_preview1: wasi.wasiImport }
    const instance = await engine.instantiate(module, imports)
    if (wasi !== null && "_start" in instance.exports) return wasi.start(instance)
    if (wasi !== null) wasi.initialize(instance)
    const given = callIn(instance, values.get("function") ?? "", inputsIn(values.get("inputs") ?? ""))
    await terminal.out(`${resultMark}${given.map(String).join(" ")}\n`)
    return exitCodes.fine
  } catch (error) {
    terminal.err(`annalist: ${file}: ${error instanceof Error ? error.message : String(error)}\n`)
    return exitCodes.failed
  }
}

const needsWasi = (module: object): boolean =>
  engine.Module.imports(module).some((one) => one.module === "wasi_snapshot_preview1")

/** No folder is opened to it: it has its arguments, its environment and its output. */
const wasiOf = async (args: ReadonlyArray<string>, environment: Invocation["environment"]) => {
  // It is called experimental at each start; who runs a task need not read that in its output.
  process.removeAllListeners("warning")
  const { WASI } = await import("node:wasi")
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("ANNALIST_")))
  return new WASI({ version: "preview1", args: [...args], env, returnOnExit: true })
}

const inputsIn = (text: string): ReadonlyArray<number> => {
  const inputs = text
    .split(",")
    .filter((one) => one !== "")
    .map(Number)
  if (inputs.some((one) => Number.isNaN(one)))
    throw new Error(`the inputs are "${text}"; numbers with commas between are right`)
  return inputs
}

const callIn = ({ exports }: Instance, name: string, inputs: ReadonlyArray<number>): ReadonlyArray<unknown> => {
  const called = exports[name]
  if (typeof called !== "function") {
    const there = Object.keys(exports).filter((one) => typeof exports[one] === "function")
    throw new Error(`it exports no function "${name}"; it has ${there.join(", ") || "none"}`)
  }
  if (called.length !== inputs.length)
    throw new Error(`${name} takes ${called.length} inputs, and there are ${inputs.length}`)
  const given = calling(called as (...inputs: ReadonlyArray<number | bigint>) => unknown, inputs)
  if (given === undefined) return []
  return Array.isArray(given) ? given : [given]
}

/** Parameters of 64 bits take no plain numbers. */
const calling = (
  called: (...inputs: ReadonlyArray<number | bigint>) => unknown,
  inputs: ReadonlyArray<number>,
): unknown => {
  try {
    return called(...inputs)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return called(...inputs.map((one) => BigInt(one)))
  }
}
