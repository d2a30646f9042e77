// Damage to single files of a log: bits flipped, ends cut off, files gone — for each kind of file that LevelDB has.

import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { Chunk, Effect, Either, Stream } from "effect"
import type { Envelope } from "../../src/domain/Envelope.ts"
import { Checkpoints } from "../../src/log/Checkpoints.ts"
import { EventLog } from "../../src/log/EventLog.ts"
import * as LevelEventLog from "../../src/log/level/LevelEventLog.ts"
import { repairCopy } from "../../src/log/verify/repairCopy.ts"
import * as SnapshotEventLog from "../../src/log/verify/SnapshotEventLog.ts"
import type { Verification } from "../../src/log/verify/Verification.ts"
import { verifyDirectory } from "../../src/log/verify/verifyDirectory.ts"
import { randoms } from "./faults.ts"
import { actions, batch, collectives } from "./given.ts"

const BALLAST_BYTES = 4096

/** A log with tables of several openings and a write-ahead file with commits in it. */
export const write = (directory: string): Effect.Effect<ReadonlyArray<Envelope>, unknown> =>
  Effect.gen(function* () {
    for (let opening = 0; opening < 4; opening++) {
      yield* Effect.gen(function* () {
        const log = yield* EventLog
        for (let round = 0; round < 6; round++) {
          const number = opening * 100 + round
          yield* log.append(batch(actions(number, 2), `command-${number}`))
          yield* log.append(batch(collectives(number * 50, 50)))
        }
        const { head } = yield* log.info
        yield* Effect.flatMap(Checkpoints, (kept) => kept.save("state", 1, head, new Uint8Array(3000).fill(opening)))
      }).pipe(Effect.provide(LevelEventLog.layer({ directory, ballastBytes: BALLAST_BYTES })))
    }
    return yield* readAll(directory)
  })

const readAll = (directory: string) =>
  Effect.flatMap(EventLog, (log) =>
    Effect.map(Stream.runCollect(log.read({})), (chunks) => Chunk.toReadonlyArray(chunks).flat()),
  ).pipe(Effect.provide(SnapshotEventLog.layer({ directory })))

export type Kind = "table" | "journal" | "manifest" | "current" | "marker" | "acknowledged" | "other"

export const kindOf = (name: string): Kind => {
  if (name.endsWith(".ldb")) return "table"
  if (name.endsWith(".log")) return "journal"
  if (name.includes("MANIFEST")) return "manifest"
  if (name.endsWith("CURRENT")) return "current"
  if (name.endsWith("ANNALIST")) return "marker"
  return name.endsWith("acknowledged") ? "acknowledged" : "other"
}

const filesOf = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort()

export interface Case {
  readonly kind: Kind
  readonly what: string
  readonly apply: (directory: string) => void
}

/** Every kind of file in turn, so that each gets its share of the cases. */
export const cases = (directory: string, count: number, seed: number): ReadonlyArray<Case> => {
  const random = randoms(seed)
  const names = filesOf(directory)
  const kinds = [...new Set(names.map(kindOf))]
  return Array.from({ length: count }, (_, index): Case => {
    const kind = kinds[index % kinds.length] ?? "table"
    const own = names.filter((name) => kindOf(name) === kind)
    const name = own[random(own.length)] ?? ""
    const size = statSync(join(directory, name)).size
    const way = random(10)
    if (way === 0) return { kind, what: `${name} deleted`, apply: (at) => rmSync(join(at, name)) }
    const place = random(Math.max(1, size))
    if (way < 4)
      return { kind, what: `${name} cut to ${place} of ${size}`, apply: (at) => truncateSync(join(at, name), place) }
    const bit = random(8)
    return {
      kind,
      what: `${name}: bit ${bit} of byte ${place} of ${size}`,
      apply: (at) => flip(join(at, name), place, bit),
    }
  })
}

const flip = (path: string, place: number, bit: number): void => {
  const bytes = readFileSync(path)
  if (bytes.length === 0) return
  bytes[place] = (bytes[place] ?? 0) ^ (1 << bit)
  writeFileSync(path, bytes)
}

export interface Tally {
  readonly counts: ReadonlyMap<string, number>
  readonly bad: ReadonlyArray<string>
}

/** Every so many-th case is repaired as well, and the copy compared with what was outside the reported ranges. */
export const judgeAll = (
  place: string,
  count: number,
  seed: number,
  repairEvery: number,
): Effect.Effect<Tally, unknown> =>
  Effect.gen(function* () {
    const original = join(place, "log")
    const whole = yield* write(original)
    const counts = new Map<string, number>()
    const bad: Array<string> = []
    for (const [index, each] of cases(original, count, seed).entries()) {
      const at = join(place, `case-${index}`)
      const { verdict, report } = yield* judge(original, at, each, whole, index % repairEvery === 0)
      rmSync(at, { recursive: true, force: true })
      const key = `${each.kind} ${verdict}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
      if (verdict !== "detected" && verdict !== "harmless") {
        bad.push(`${each.what}: ${verdict} ${JSON.stringify(report?.damage)}`)
      }
    }
    const told = [...counts].map(([key, number]) => `${key} ${number}`).sort((one, other) => one.localeCompare(other))
    process.stdout.write(`damage to files (seed ${seed}): tried ${count}; ${told.join(", ")}\n`)
    return { counts, bad }
  })

export type Verdict = "detected" | "harmless" | "silent" | "changed the original"

/** Whether damage was noticed with its range, did no harm, or — what must not be — was taken for health. */
export const judge = (
  original: string,
  at: string,
  { apply }: Case,
  whole: ReadonlyArray<Envelope>,
  repairing: boolean,
): Effect.Effect<{ readonly verdict: Verdict; readonly report: Verification | null }, unknown> =>
  Effect.gen(function* () {
    cpSync(original, at, { recursive: true })
    apply(at)
    const before = contents(at)
    const report = yield* Effect.either(verifyDirectory(at))
    if (contents(at) !== before) return { verdict: "changed the original" as const, report: null }
    if (Either.isLeft(report)) return { verdict: "detected" as const, report: null }
    if (!report.right.intact) {
      const fits = !repairing || (yield* rangesFit(at, report.right, whole))
      return { verdict: fits ? ("detected" as const) : ("silent" as const), report: report.right }
    }
    const read = yield* Effect.either(readAll(at))
    const same = Either.isRight(read) && JSON.stringify(read.right) === JSON.stringify(whole)
    return { verdict: same ? ("harmless" as const) : ("silent" as const), report: report.right }
  })

/** Exactly what is outside the reported ranges is what a repair saves, as it was. */
const rangesFit = (at: string, { damage }: Verification, whole: ReadonlyArray<Envelope>) =>
  Effect.gen(function* () {
    const target = `${at}-repaired`
    const repaired = yield* Effect.either(repairCopy(at, target))
    if (Either.isLeft(repaired)) return false
    const left = whole.filter(
      ({ position }) => !repaired.right.lost.some(({ first, last }) => position >= first && position <= last),
    )
    const found = yield* readAll(target)
    const verified = yield* verifyDirectory(target)
    rmSync(target, { recursive: true })
    const named = repaired.right.lost.every(({ first, last }) =>
      damage.some(({ from, to }) => from !== null && from <= first && (to ?? from) >= last),
    )
    return named && verified.intact && JSON.stringify(found) === JSON.stringify(left)
  })

const contents = (directory: string): string =>
  filesOf(directory)
    .map((name) => `${name} ${readFileSync(join(directory, name)).toString("base64")}`)
    .join("\n")
