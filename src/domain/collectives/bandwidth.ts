// Bytes and bandwidths by nccl-tests' conventions; no number where the type or the time is not known, never a guess.

import type { Signature } from "./Signature.ts"

const widths: ReadonlyArray<readonly [number, string]> = [
  [1, "int8 uint8 byte char bool boolean float8 fp8 float8_e4m3fn float8_e5m2 float8_e4m3 half8 qint8 quint8"],
  [2, "float16 half fp16 bfloat16 bf16 int16 uint16 short"],
  [4, "float32 float fp32 int32 uint32 int tf32"],
  [8, "float64 double fp64 int64 uint64 long complex64 cfloat"],
  [16, "complex128 cdouble"],
]
const bytesOfType = new Map(widths.flatMap(([bytes, names]) => names.split(" ").map((name) => [name, bytes] as const)))

/** What `count` means: elements that each rank puts in, or elements that each rank holds in the end. */
export type CountMeaning = "of_each_rank" | "of_the_whole"

const wholeFactor: Readonly<Record<string, number>> = {
  allreduce: 2,
  allgather: 1,
  reduce_scatter: 1,
  alltoall: 1,
  gather: 1,
  scatter: 1,
}
const partsOfWhole = new Set(["allgather", "reduce_scatter", "alltoall", "gather", "scatter"])

/** The message's bytes as nccl-tests count them; null where they cannot be known. */
export const bytesOf = (signature: Signature, size: number, meaning: CountMeaning = "of_each_rank"): number | null => {
  if (!signature.kind.carriesData) return 0
  const width = signature.dataType === null ? undefined : bytesOfType.get(signature.dataType)
  if (width === undefined || signature.count === null || signature.kind.unevenCounts) return null
  const parts = partsOfWhole.has(signature.op) && meaning === "of_each_rank" ? size : 1
  return signature.count * width * parts
}

/** Share of the algorithm's bandwidth that a link carries; null for operations without such a convention. */
const busFactor = (op: string, size: number): number | null => {
  if (op === "broadcast" || op === "reduce" || op === "send" || op === "recv") return 1
  const factor = wholeFactor[op]
  return factor === undefined ? null : (factor * (size - 1)) / size
}

/** GB/s over a time in µs. */
export const busBandwidth = (op: string, bytes: number | null, size: number, micros: number): number | null => {
  const factor = busFactor(op, size)
  if (bytes === null || bytes <= 0 || factor === null || size < 2 || !(micros > 0)) return null
  return (factor * bytes) / (micros * 1000)
}
