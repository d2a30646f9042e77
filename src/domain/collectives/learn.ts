// What a settled column adds to the statistics of its communicator: times and bandwidths by kind of operation, and who made others wait.

import type { Analysis } from "./analyse.ts"
import { bytesOf, busBandwidth } from "./bandwidth.ts"
import { type Column, operationAt } from "./Column.ts"
import type { Communicator } from "./Communicator.ts"
import { type Measure, measure } from "./measure.ts"
import * as OpGroup from "./OpGroup.ts"
import { addBeat } from "./regression.ts"
import type { Signature } from "./Signature.ts"

const maxGroups = 64
const maxFiles = 64
const maxKinds = 64

export const learn = (communicator: Communicator, column: Column, analysis: Analysis): void => {
  const { seats, clocks } = analysis
  const measured = measure(column, seats, clocks)
  const whole = column.present === communicator.size
  countKind(communicator, column)
  addBeat(communicator.beats, column.signature, operationAt(seats, column, 0)?.end ?? Number.NaN)
  if (whole && column.finished === column.present && column.dissent === null) {
    blame(communicator, column, measured, analysis)
    const group = groupOf(communicator, column.signature)
    if (group !== null && measured.transferMicros >= 0) {
      const bytes = bytesOf(column.signature, communicator.size)
      const { transferMicros, skewMicros } = measured
      const busbw = busBandwidth(column.signature.op, bytes, communicator.size, transferMicros)
      OpGroup.observe(group, { ordinal: column.ordinal, transferMicros, skewMicros, busbw })
    }
  }
}

const countKind = (communicator: Communicator, column: Column): void => {
  const { op } = column.signature
  const counts = communicator.kinds.get(op) ?? { columns: 0, left: 0, unevenCounts: 0 }
  counts.columns += 1
  if (column.finished > 0) counts.left += 1
  if (column.dissent?.difference === "count" && column.finished === column.present) counts.unevenCounts += 1
  if (communicator.kinds.size < maxKinds || communicator.kinds.has(op)) communicator.kinds.set(op, counts)
}

/** The last to come is charged with what it came later than the one before it. */
const blame = (communicator: Communicator, column: Column, measured: Measure, { seats }: Analysis): void => {
  const last = seats[measured.lastSeat]
  if (last === undefined || !(measured.lateMicros >= 0)) return
  last.arrivedLast += 1
  last.lostMicros += measured.lateMicros
  const file = operationAt(seats, column, measured.lastSeat)?.signature.filename ?? ""
  const { lostByFile } = communicator
  if (lostByFile.size < maxFiles || lostByFile.has(file)) {
    lostByFile.set(file, (lostByFile.get(file) ?? 0) + measured.lateMicros)
  }
}

export const groupKeyOf = (signature: Signature, size: number): string => {
  const { op, algorithm, dataType } = signature
  return `${op} ${algorithm ?? ""} ${dataType ?? ""} ${sizeClassOf(signature, size)}`
}

/** Where the type is not known, the count alone tells small from large. */
const sizeClassOf = (signature: Signature, size: number): number => {
  const bytes = bytesOf(signature, size) ?? signature.count
  return bytes === null || bytes <= 0 ? -1 : Math.floor(Math.log2(bytes))
}

const groupOf = (communicator: Communicator, signature: Signature): OpGroup.OpGroup | null => {
  const key = groupKeyOf(signature, communicator.size)
  const known = communicator.groups.get(key)
  if (known !== undefined) return known
  if (communicator.groups.size >= maxGroups) return null
  const made = OpGroup.make(signature, sizeClassOf(signature, communicator.size))
  communicator.groups.set(key, made)
  return made
}
