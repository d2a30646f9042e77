// Events as users of the library see them: the same fields, without the brands and schemas of which the program makes them.

import type { Brand } from "effect"
import type { Envelope } from "../domain/Envelope.ts"

type Plain<T> =
  T extends Brand.Brand<string>
    ? T extends number
      ? number
      : string
    : T extends object
      ? { [Key in keyof T]: Plain<T[Key]> }
      : T

const shapeOf = <T>() => null as unknown as { readonly [Key in keyof T]: Plain<T[Key]> }

/** Only its type is of use. It is inferred, so that the compiler writes it out field by field, and names no package. */
const shape = shapeOf<Envelope>()

export type RecordedEnvelope = typeof shape
