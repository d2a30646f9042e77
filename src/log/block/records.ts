// Events of every type that has no columns of its own: self-describing records, each shape named once a block. They keep no -0.

import { Either, Schema, type SchemaAST } from "effect"
import { type Event, fromTypeAndData, KnownEvent, knownTypes } from "../../domain/Event.ts"
import { MalformedBytes } from "./Bytes.ts"
import { pack, unpack } from "./packer.ts"

/** A view into the packer's memory: copy it before the next call. */
export const packRecords = (events: ReadonlyArray<Event>): Uint8Array => pack(events)

export const unpackRecords = (bytes: Uint8Array): ReadonlyArray<Event> => {
  const stored = unpack(bytes)
  if (!Array.isArray(stored)) throw new MalformedBytes("records are not a list")
  return stored.map(eventOf)
}

type Stored = { readonly _tag: string; readonly [field: string]: unknown }

interface Fields {
  readonly required: ReadonlyArray<string>
  readonly optional: ReadonlyArray<string>
}

/** The fields of each known type, as this build knows it. */
const fieldsByType: ReadonlyMap<string, Fields> = new Map(
  membersOf(Schema.typeSchema(KnownEvent).ast).map(({ propertySignatures }) => {
    const tag = propertySignatures.find(({ name }) => name === "_tag")?.type
    const named = (isOptional: boolean) =>
      propertySignatures.filter((one) => one.isOptional === isOptional).map(({ name }) => String(name))
    const type = tag?._tag === "Literal" ? String(tag.literal) : ""
    return [type, { required: named(false), optional: named(true) }]
  }),
)

const eventOf = (stored: unknown): Event => {
  if (!isStored(stored)) throw new MalformedBytes("a record is no event")
  const fields = fieldsByType.get(stored._tag)
  // The whole block is checksummed, so a record with today's fields and no others is taken as it is.
  if (fields !== undefined && fits(stored, fields)) return stored as unknown as Event
  if (stored._tag === "Unknown") return known(stored["type"], stored["data"]) ?? (stored as unknown as Event)
  const { _tag, ...data } = stored
  const older = known(_tag, data)
  return older ?? { _tag: "Unknown", type: _tag, data }
}

const fits = (stored: Stored, { required, optional }: Fields): boolean => {
  let known = required.length
  for (const field of required) if (!(field in stored)) return false
  for (const field of optional) if (field in stored) known += 1
  return Object.keys(stored).length === known
}

/** A record of an older writer gets the defaults of fields that it lacks; one of a newer build is known by now, or null. */
const known = (type: unknown, data: unknown): Event | null => {
  if (typeof type !== "string" || !knownNames.has(type)) return null
  const event = fromTypeAndData(type, data as { readonly [field: string]: unknown })
  if (Either.isLeft(event)) throw new MalformedBytes(`a ${type} does not fit its type: ${event.left.reason}`)
  return event.right
}

const knownNames: ReadonlySet<string> = new Set(knownTypes)

const isStored = (value: unknown): value is Stored =>
  typeof value === "object" && value !== null && "_tag" in value && typeof value._tag === "string"

function membersOf(ast: SchemaAST.AST): ReadonlyArray<SchemaAST.TypeLiteral> {
  if (ast._tag === "Union") return ast.types.flatMap(membersOf)
  return ast._tag === "TypeLiteral" ? [ast] : []
}
