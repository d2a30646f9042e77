// MessagePack with record shapes written into each piece (none shared): any block can be read by itself, for ever.

import { Packr } from "msgpackr"

const packer = new Packr({ useRecords: true })

/** A view into the packer's memory: copy it before the next call. */
export const pack = (value: unknown): Uint8Array => packer.pack(value)

export const unpack = (bytes: Uint8Array): unknown => packer.unpack(bytes)
