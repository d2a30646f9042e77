// What is measured in each kind of series, and how finely it is kept in rollups.

/** Digits that are kept, as a factor; a quantity that is not named here is kept to the last bit. */
const scales = {
  cpuPercent: 100,
  memoryUsedBytes: 1,
  memoryTotalBytes: 1,
  swapUsedBytes: 1,
  load1: 100,
  load5: 100,
  load15: 100,
  processCount: 1,
  residentBytes: 1,
  virtualBytes: 1,
  threads: 1,
  readBytesPerSecond: 1,
  writtenBytesPerSecond: 1,
  durationMicros: 1,
  bytes: 1,
} as const
export type Quantity = keyof typeof scales

const byName: ReadonlyMap<string, number> = new Map(Object.entries(scales))

export const scaleOf = (name: string): number => byName.get(name) ?? 0

export const hostQuantities = [
  "cpuPercent",
  "memoryUsedBytes",
  "memoryTotalBytes",
  "swapUsedBytes",
  "load1",
  "load5",
  "load15",
  "processCount",
] as const satisfies ReadonlyArray<Quantity>

export const processQuantities = [
  "cpuPercent",
  "residentBytes",
  "virtualBytes",
  "threads",
  "readBytesPerSecond",
  "writtenBytesPerSecond",
] as const satisfies ReadonlyArray<Quantity>

export const operationQuantities = ["durationMicros", "bytes"] as const satisfies ReadonlyArray<Quantity>
