// The checksum at the end of a session file's line: it names the very line in which a byte was changed.

import { crc32 } from "node:zlib"

/** `,"crc":"9f3a01bc"}` */
export const sealBytes = 18
const pattern = /^,"crc":"([0-9a-f]{8})"\}$/

/** What closes a line whose bytes up to there have this sum. */
export const sealOf = (sum: number): string => `,"crc":"${sum.toString(16).padStart(8, "0")}"}`

/** The line with its CRC-32 as the last field: over every byte before that field. */
export const seal = (line: string): string => {
  const body = line.slice(0, -1)
  return `${body}${sealOf(crc32(body))}`
}

/** "none": the line ends in no checksum, as other writers' lines may. */
export const checkSeal = (line: Buffer): "whole" | "broken" | "none" => {
  const start = line.length - sealBytes
  const found = start < 1 ? null : pattern.exec(line.toString("latin1", start))
  if (found === null) return "none"
  return crc32(line.subarray(0, start)) === Number.parseInt(found[1] ?? "", 16) ? "whole" : "broken"
}
