// Environments of managed processes as files beside their output: one each, readable by the agent's user alone.

import { chmod, mkdir, open, readFile, rename, rm } from "node:fs/promises"
import path from "node:path"
import { Effect, Layer, Schema } from "effect"
import { Secrets, SecretsError } from "../../commands/Secrets.ts"
import type { ProcessId } from "../../domain/Brands.ts"
import * as LifeDirectory from "./LifeDirectory.ts"

const Stored = Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.String }))
const encode = Schema.encodeSync(Stored)
const decode = Schema.decodeUnknownSync(Stored)

const fileName = "environment"

export const layer = (dataDirectory: string): Layer.Layer<Secrets> =>
  Layer.succeed(
    Secrets,
    Secrets.of({
      keep: Effect.fn("Secrets.keep")((process, environment) =>
        attempt(() => write(LifeDirectory.ofProcess(dataDirectory, process), encode(environment))),
      ),
      of: Effect.fn("Secrets.of")((process) =>
        attempt(async () => {
          const text = await textOf(dataDirectory, process)
          return text === null ? null : decode(text)
        }),
      ),
      forget: Effect.fn("Secrets.forget")((process) =>
        attempt(() => rm(path.join(LifeDirectory.ofProcess(dataDirectory, process), fileName), { force: true })),
      ),
    }),
  )

/** Whole or not at all, and on the disk with every directory above it that is new. */
const write = async (directory: string, text: string): Promise<void> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
  const aside = path.join(directory, `${fileName}.tmp`)
  await rm(aside, { force: true })
  const file = await open(aside, "wx", 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(aside, path.join(directory, fileName))
  await syncDirectory(directory)
  await syncDirectory(path.dirname(directory))
}

const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const textOf = async (dataDirectory: string, process: ProcessId): Promise<string | null> => {
  try {
    return await readFile(path.join(LifeDirectory.ofProcess(dataDirectory, process), fileName), "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null
    throw error
  }
}

/** The reason names the file and what the system said, never a value. */
const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, SecretsError> =>
  Effect.tryPromise({
    try: run,
    catch: (error) =>
      new SecretsError({
        reason: error instanceof Error && "code" in error ? error.message : "the stored environment is damaged",
      }),
  })
