// The faults that an agent's log is put through, as functions of how often: a few rounds in every test run, hundreds in the soak.

import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { tmpdir } from "node:os"
import { Effect } from "effect"
import * as LevelEventLog from "../../src/log/level/LevelEventLog.ts"
import { verifyDirectory } from "../../src/log/verify/verifyDirectory.ts"
import { readJournal, survey, type Survey } from "./journal.ts"
import { run, type Running } from "./program.ts"

export interface Tally {
  readonly tried: number
  readonly survived: number
  readonly acknowledged: number
  readonly lost: number
}

/** For a person reading the test run. */
export const tell = (fault: string, { tried, survived, acknowledged, lost }: Tally): void => {
  process.stdout.write(
    `${fault}: tried ${tried}, survived ${survived}, acknowledged ${acknowledged} events, lost ${lost}\n`,
  )
}

export const randoms =
  (seed: number) =>
  (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }

export interface Site {
  readonly folder: string
  readonly directory: string
  readonly journal: string
}

export const site = (folder = mkdtempSync(join(tmpdir(), "annalist-fault-"))): Site => {
  mkdirSync(folder, { recursive: true })
  const journal = join(folder, "journal")
  writeFileSync(journal, "")
  return { folder, directory: join(folder, "log"), journal }
}

export const clear = ({ folder }: Site): void => rmSync(folder, { recursive: true, force: true })

export const BALLAST_BYTES = 65_536

export const startWriter = (
  program: string,
  { directory, journal }: Site,
  from: number,
  options: {
    readonly before?: ReadonlyArray<string>
    readonly fibers?: number
    readonly batches?: number
    readonly telemetry?: boolean
  } = {},
): Running => {
  const task = {
    directory,
    journal,
    from,
    fibers: options.fibers ?? 4,
    ballastBytes: BALLAST_BYTES,
    batches: options.batches ?? 1_000_000,
    telemetry: options.telemetry ?? true,
  }
  return run([...(options.before ?? []), process.execPath, program, JSON.stringify(task)])
}

/** Opens the log as an agent would and looks for everything that was acknowledged. */
export const surveyed = ({ directory, journal }: Site, from = 1): Promise<Survey> =>
  Effect.runPromise(
    Effect.provide(survey(readJournal(journal), from), LevelEventLog.layer({ directory, ballastBytes: BALLAST_BYTES })),
  )

/** Killed at a random moment, again and again, one log all along. */
export const killRounds = async (program: string, rounds: number, seed: number): Promise<Tally> => {
  const random = randoms(seed)
  const place = site()
  let acknowledged = 0
  let lost = 0
  let survived = 0
  let from = 1
  for (let round = 0; round < rounds; round++) {
    const writer = startWriter(program, place, round * 1_000_000 + 1)
    await writer.line((line) => line.startsWith("ready"))
    const wanted = readJournal(place.journal).length + 1 + random(60)
    await grown(place, wanted, writer)
    await writer.kill()
    const found = await surveyed(place, from)
    acknowledged += found.acknowledged
    lost += found.lost
    survived += found.lost === 0 ? 1 : 0
    from = found.head + 1
  }
  const { damage } = await Effect.runPromise(verifyDirectory(place.directory))
  if (damage.length > 0) throw new Error(`damaged after kills: ${JSON.stringify(damage)}`)
  clear(place)
  return { tried: rounds, survived, acknowledged, lost }
}

/** Waits until the journal has so many lines; the writer's death ends the wait. */
export const grown = async (place: Site, lines: number, writer: Running): Promise<void> => {
  await seen(() => readJournal(place.journal).length >= lines, writer)
}

/** Half a megabyte of journal is enough for an ext4 of this size. */
const IMAGE_MEBIBYTES = 48

const FS_SHUTDOWN =
  "import fcntl,os,struct,sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))"

/** A file system of its own, whose power can be cut: what was not synced is gone. Root only. */
export const image = (folder: string) => {
  const file = join(folder, "disk.img")
  const mounted = join(folder, "disk")
  mkdirSync(mounted)
  execFileSync("truncate", ["-s", `${IMAGE_MEBIBYTES}M`, file])
  execFileSync("mkfs.ext4", ["-q", "-F", file])
  const mount = () => execFileSync("mount", ["-o", "loop", file, mounted], { stdio: "pipe" })
  const unmount = () => execFileSync("umount", [mounted], { stdio: "pipe" })
  const cut = () => execFileSync("python3", ["-c", FS_SHUTDOWN, mounted], { stdio: "pipe" })
  return { mounted, mount, unmount, cut }
}

/** Power cut at a random moment, the first one in the middle of the log's creation; the journal lies on another disk. */
export const cutRounds = async (program: string, rounds: number, seed: number): Promise<Tally> => {
  const random = randoms(seed)
  const place = site()
  const disk = image(place.folder)
  const onDisk = { ...place, directory: join(disk.mounted, "data", "log") }
  let [acknowledged, lost, survived, from] = [0, 0, 0, 1]
  for (let round = 0; round < rounds; round++) {
    disk.mount()
    if (round % 4 === 0) {
      rmSync(join(disk.mounted, "data"), { recursive: true, force: true })
      writeFileSync(place.journal, "")
      from = 1
    }
    const writer = startWriter(program, onDisk, round * 1_000_000 + 1)
    const wanted = round % 4 === 0 ? random(3) : readJournal(place.journal).length + 1 + random(60)
    if (wanted === 0) await appeared(`${onDisk.directory}.creating`, writer)
    else await grown(place, wanted, writer)
    // Without power nothing more is acknowledged: the agent stands still before its disk does.
    await freeze(writer)
    disk.cut()
    await writer.kill()
    disk.unmount()
    disk.mount()
    const found = await surveyed(onDisk, from)
    const { damage } = await Effect.runPromise(verifyDirectory(onDisk.directory))
    acknowledged += found.acknowledged
    lost += found.lost
    survived += found.lost === 0 && damage.length === 0 ? 1 : 0
    from = found.head + 1
    disk.unmount()
  }
  clear(place)
  return { tried: rounds, survived, acknowledged, lost }
}

/** Returns once the main thread, which acknowledges, is stopped. */
const freeze = async (writer: Running): Promise<void> => {
  writer.child.kill("SIGSTOP")
  const stat = `/proc/${writer.child.pid}/stat`
  while (existsSync(stat) && !/\) [TZ] /.test(readFileSync(stat, "utf8"))) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

const appeared = async (path: string, writer: Running): Promise<void> => {
  await seen(() => existsSync(path), writer)
}

/** Looks again and again; the test's own limit and the writer's death bound it. */
const seen = async (holds: () => boolean, writer: Running): Promise<void> => {
  const state = { over: false }
  void writer.ended.then(() => {
    state.over = true
  })
  while (!state.over && !holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}
