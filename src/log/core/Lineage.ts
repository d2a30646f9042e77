// Whose history this is: the log's id, and the ids it had before a tail was lost, a backup restored, or a repair made.

import { randomUUID } from "node:crypto"
import { Schema } from "effect"
import type { Entry } from "../store/BlockStore.ts"
import { metaKey } from "../store/keys.ts"
import { openValue, sealValue } from "../store/sealed.ts"

/** From a position on, blocks carry this id. */
export const Age = Schema.Struct({
  logId: Schema.String,
  from: Schema.Int,
  /** Why a new age began: "created", "tail lost", "backup", "repair". */
  cause: Schema.String,
})
export type Age = typeof Age.Type

export const Lineage = Schema.parseJson(Schema.NonEmptyArray(Age))
export type Lineage = typeof Lineage.Type

const key = metaKey("lineage")
const decode = Schema.decodeUnknownOption(Lineage)
const encode = Schema.encodeSync(Lineage)

export const begin = (logId: string = randomUUID()): Lineage => [{ logId, from: 1, cause: "created" }]

export const extend = (lineage: Lineage, from: number, cause: string): Lineage => [
  ...lineage,
  { logId: randomUUID(), from, cause },
]

export const entryOf = (lineage: Lineage): Entry => [key, sealValue(key, Buffer.from(encode(lineage)))]

export const keyOf = key

export const parse = (value: Uint8Array) => decode(Buffer.from(openValue(key, value) ?? []).toString())

export const currentId = (lineage: Lineage): string => lineage.at(-1)?.logId ?? lineage[0].logId

/** The id that a block beginning at a position must carry. */
export const idAt = (lineage: Lineage, position: number): string =>
  lineage.findLast((age) => age.from <= position)?.logId ?? lineage[0].logId

export const idBytes = (logId: string): Uint8Array => Buffer.from(logId.replaceAll("-", ""), "hex")

/** The ages that blocks tell of by themselves, where the record of them is lost. */
export const ofBlocks = (blocks: ReadonlyArray<{ readonly first: number; readonly logId: string }>): Lineage => {
  const [oldest, ...later] = blocks.toSorted((one, other) => one.first - other.first)
  if (oldest === undefined) return begin()
  const ages: [Age, ...Array<Age>] = [{ logId: oldest.logId, from: 1, cause: "created" }]
  for (const { first, logId } of later) {
    if (logId !== ages.at(-1)?.logId) ages.push({ logId, from: first, cause: "found in its blocks" })
  }
  return ages
}

export const idText = (bytes: Uint8Array): string => {
  const hex = Buffer.from(bytes).toString("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
