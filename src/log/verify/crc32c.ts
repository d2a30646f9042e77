// CRC-32C, by which LevelDB seals the blocks of its tables; zlib has the other polynomial only.

const POLYNOMIAL = 0x82f6_3b78

/** Eight tables: eight bytes a step. */
const tables: ReadonlyArray<Uint32Array> = makeTables()

function makeTables(): ReadonlyArray<Uint32Array> {
  const all = Array.from({ length: 8 }, () => new Uint32Array(256))
  const [first] = all as [Uint32Array]
  for (let byte = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
    first[byte] = value
  }
  for (let byte = 0; byte < 256; byte++) {
    let value = first[byte] as number
    for (const table of all.slice(1)) {
      value = (first[value & 0xff] as number) ^ (value >>> 8)
      table[byte] = value
    }
  }
  return all
}

export const crc32c = (bytes: Uint8Array): number => {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const at = (table: Uint32Array, byte: number) => table[byte & 0xff] as number
  let crc = 0xffff_ffff
  let offset = 0
  for (; offset + 8 <= bytes.length; offset += 8) {
    const low = view.getUint32(offset, true) ^ crc
    const high = view.getUint32(offset + 4, true)
    crc =
      at(t7, low) ^
      at(t6, low >>> 8) ^
      at(t5, low >>> 16) ^
      at(t4, low >>> 24) ^
      at(t3, high) ^
      at(t2, high >>> 8) ^
      at(t1, high >>> 16) ^
      at(t0, high >>> 24)
  }
  for (; offset < bytes.length; offset++) crc = at(t0, crc ^ (bytes[offset] as number)) ^ (crc >>> 8)
  return (crc ^ 0xffff_ffff) >>> 0
}

/** As LevelDB stores it: a checksum of data that holds checksums would be weak. */
export const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282_ead8) >>> 0
