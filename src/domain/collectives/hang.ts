// Somebody has been waiting for too long: whose absence it is, or why nobody can be named.

import type { Communicator } from "./Communicator.ts"
import { type Known, type Label, labelOf } from "./label.ts"
import { call, counted, labelsOf, numbersOf, ranksOf, waits as waitsWords } from "./sentence.ts"
import { type Culprit, culpritOf, evidenceOf, type Finding, nameOf, type Verdict, wholeSeconds } from "./Verdict.ts"
import type { Seat } from "./Seat.ts"
import { type Sink, sinksOf, type WaitsByProcess } from "./waitGraph.ts"
import type { Wait } from "./waits.ts"

export interface Scene {
  readonly known: Known
  readonly now: number
  readonly communicator: Communicator
  /** Of this communicator, and longer than the limit. */
  readonly old: ReadonlyArray<Wait>
  readonly all: WaitsByProcess
  /** So many records are lost that an absent one proves little. */
  readonly lossy: string | null
  /** Some records are lost: two that are absent at once are then rather one absent and one lost. */
  readonly anyLoss: string | null
}

export const judgeHang = (scene: Scene): Finding | null => {
  if (scene.old.length === 0) return null
  const blocked = scene.old.filter((wait) => wait.targets.length > 0)
  if (blocked.length > 0) return missing(scene, blocked)
  const left = scene.old.filter((wait) => wait.othersLeft)
  return left.length > 0 ? partial(scene, left) : together(scene, scene.old)
}

/** The first operation, in the order of the program, that somebody waits in. */
const firstOf = (waits: ReadonlyArray<Wait>): Wait => {
  let first = waits[0]
  for (const wait of waits) {
    if (first === undefined || ordinalOf(wait) < ordinalOf(first)) first = wait
  }
  if (first === undefined) throw new Error("no wait among none")
  return first
}

const ordinalOf = (wait: Wait): number => wait.column?.ordinal ?? Infinity

const missing = (scene: Scene, blocked: ReadonlyArray<Wait>): Finding => {
  const sinks = sinksOf(blocked, scene.all)
  if (sinks.length === 0) return deadlock(scene, blocked)
  const culprits = sinks.filter((sink) => sink.inside === null || sink.inside.othersLeft)
  if (culprits.length === 0)
    return together(
      scene,
      sinks.flatMap((sink) => sink.inside ?? []),
      blocked,
    )
  const labels = new Map(culprits.map((sink) => [sink, labelOf(scene.known, sink.seat, scene.now)] as const))
  const proven = culprits.filter((sink) => labels.get(sink)?.proof === "cannot_go_on")
  // Some are known to be dead or stopped: what the others lack may follow from it, or from a lost record.
  const doubtful = scene.lossy ?? (culprits.length > 1 ? scene.anyLoss : null)
  if (doubtful !== null && proven.length === 0) return cannotTell({ ...scene, lossy: doubtful }, blocked, culprits)
  return missingRank(scene, blocked, doubtful === null ? culprits : proven, labels)
}

const missingRank = (
  scene: Scene,
  blocked: ReadonlyArray<Wait>,
  sinks: ReadonlyArray<Sink>,
  labels: ReadonlyMap<Sink, Label>,
): Finding => {
  const ordered = [...sinks].sort((a, b) => a.rank - b.rank)
  const culprits = ordered.map((sink) =>
    culpritOf(sink.rank, sink.seat, labels.get(sink) ?? labelOf(scene.known, sink.seat, scene.now)),
  )
  const [first] = ordered
  const direct = ordered.every((sink) => sink.communicator === scene.communicator)
  const waiting = ranksIn(blocked)
  const shown = first === undefined ? firstOf(blocked) : first.keeps
  const elsewhere = direct ? "" : ` (in ${shown.communicator.id})`
  const unheard = ordered.filter((sink) => sink.seat === null).map((sink) => `any record of rank ${sink.rank}`)
  const sentence = `${ranksOf(culprits)} ${omission(ordered, shown)}${elsewhere}${labelsOf(culprits)}; ${waitsWords(waiting.length)}`
  return {
    over: false,
    direct: direct && ordered.every((sink) => sink.inside === null),
    verdict: {
      ...verdictOn(scene, firstOf(direct ? blocked.filter((wait) => wait.column === shown.column) : blocked), blocked),
      kind: "missing_rank",
      sentence,
      culprits,
      waiting,
      evidence: evidenceOf([
        ...blocked.map((wait) => wait.operation.position),
        ...ordered.map((sink) => sink.seat?.lastPosition ?? 0),
      ]),
      confidence: unheard.length > 0 ? 0.6 : ordered.length > 1 && ordered.length > waiting.length ? 0.7 : 0.9,
      missingEvidence: unheard,
    },
  }
}

/** What it is that the named ones did not do. */
const omission = (sinks: ReadonlyArray<Sink>, keeps: Wait): string => {
  const inside = sinks[0]?.inside ?? null
  if (inside !== null) return `never left ${said(inside)}`
  if (keeps.column !== null) return `never entered ${said(keeps)}`
  const did = keeps.operation.signature.op === "recv" ? "sent to" : "received from"
  return `never ${did} rank ${keeps.seat.rank} (${call(keeps.operation.signature.op, null, keeps.operation.signature.filename)})`
}

const said = ({ operation, column }: Wait): string =>
  call(operation.signature.op, column?.ordinal ?? null, operation.signature.filename)

const deadlock = (scene: Scene, blocked: ReadonlyArray<Wait>): Finding => {
  const waiting = ranksIn(blocked)
  const first = firstOf(blocked)
  const what = Array.from(new Set(blocked.map((wait) => said(wait)))).slice(0, 3)
  const verdict = verdictOn(scene, first, blocked)
  const others = blocked.some((wait) => wait.targets.some((rank) => !waiting.includes(rank)))
  const round = others
    ? `${waiting.length === 1 ? "waits" : "wait"} in a circle through another communicator`
    : "wait for each other"
  const sentence = `${numbersOf(waiting)} ${round} in ${what.join(" and ")} for ${verdict.ageSeconds} s: a deadlock, with nobody to name`
  return { over: false, direct: true, verdict: { ...verdict, kind: "deadlock", sentence, waiting, confidence: 0.8 } }
}

const partial = (scene: Scene, left: ReadonlyArray<Wait>): Finding => {
  const labels = left.map((wait) => labelOf(scene.known, wait.seat, scene.now))
  const first = firstOf(left)
  if (labels.every((label) => label.proof === "ended_well")) return { ...cannotTell(scene, left, []), over: true }
  if (scene.lossy !== null && !labels.some((label) => label.proof === "cannot_go_on"))
    return cannotTell(scene, left, [])
  const culprits = left.map((wait, index) =>
    culpritOf(wait.seat.rank, wait.seat, labels[index] ?? labelOf(scene.known, null, 0)),
  )
  const verdict = verdictOn(scene, first, left)
  const others =
    first.column === null
      ? "the other side has"
      : `${counted(first.column.finished)} ${first.column.finished === 1 ? "has" : "have"}`
  const sentence = `${ranksOf(culprits)} never left ${said(first)}, which ${others} left; ${verdict.ageSeconds} s in it${labelsOf(culprits)}`
  return { over: false, direct: true, verdict: { ...verdict, kind: "partial", sentence, culprits, confidence: 0.8 } }
}

/** Everybody came and nobody leaves: transport, or one that died inside, whom only the state of its process can name. */
const together = (scene: Scene, inside: ReadonlyArray<Wait>, blocked: ReadonlyArray<Wait> = inside): Finding => {
  const members = membersOf(scene, inside)
  const culprits = unfitOf(scene, members).map((seat) =>
    culpritOf(seat.rank, seat, labelOf(scene.known, seat, scene.now)),
  )
  const first = firstOf(inside)
  const verdict = verdictOn(scene, first.communicator === scene.communicator ? first : firstOf(blocked), blocked)
  const direct = first.communicator === scene.communicator
  const everybody =
    members.length === first.communicator.size
      ? `all ${counted(members.length)}`
      : numbersOf(members.map(({ rank }) => rank))
  const where = direct ? "" : ` of ${first.communicator.id}`
  const named = culprits.length === 0 ? "" : `; ${ranksOf(culprits)}: ${culprits[0]?.label ?? ""}`
  return {
    over: false,
    direct,
    verdict: {
      ...verdict,
      kind: "stuck_together",
      sentence: `${everybody} came to ${said(first)}${where}, and for ${verdict.ageSeconds} s it has not come to its end${named}`,
      culprits,
      waiting: ranksIn(blocked),
      confidence: culprits.length > 0 ? 0.9 : 0.7,
      missingEvidence: culprits.length > 0 ? [] : ["the state of the transport between the ranks"],
    },
  }
}

/** Those whose process cannot go on; where the others came out with an error, the one that did not is what broke. */
const unfitOf = (scene: Scene, members: ReadonlyArray<Seat>): ReadonlyArray<Seat> => {
  const silent = members.filter(({ collectives }) => collectives.operations.at(-1)?.failed !== true)
  if (silent.length === 1 && members.length > 2) return silent
  return silent.filter((seat) => labelOf(scene.known, seat, scene.now).proof === "cannot_go_on")
}

/** Everybody who is in the same collectives, and both sides of a transfer. */
const membersOf = (scene: Scene, inside: ReadonlyArray<Wait>): ReadonlyArray<Seat> => {
  const members = new Set<Seat>()
  const columns = new Set(inside.map(({ column }) => column).filter((column) => column !== null))
  for (const { column, seat, communicator, operation } of inside) {
    if (column !== null) continue
    members.add(seat)
    const peer = communicator.seats.get(operation.peer)
    if (peer !== undefined) members.add(peer)
  }
  for (const own of scene.all.values()) {
    for (const { column, seat } of own) if (column !== null && columns.has(column)) members.add(seat)
  }
  return Array.from(members).sort((a, b) => a.rank - b.rank)
}

const cannotTell = (scene: Scene, waiting: ReadonlyArray<Wait>, sinks: ReadonlyArray<Sink>): Finding => {
  const first = firstOf(waiting)
  const absent = sinks.map((sink) => sink.rank).sort((a, b) => a - b)
  const lack =
    absent.length === 0 ? "" : ` ${numbersOf(absent)} ${absent.length === 1 ? "has" : "have"} no record of it, but`
  const why = scene.lossy ?? "its process has ended well"
  return {
    over: false,
    direct: true,
    verdict: {
      ...verdictOn(scene, first, waiting),
      kind: "cannot_tell",
      sentence: `cannot tell who is missing in ${said(first)}:${lack} ${why}; ${waitsWords(ranksIn(waiting).length)}`,
      confidence: 0.3,
      missingEvidence: [why],
    },
  }
}

const ranksIn = (waits: ReadonlyArray<Wait>): ReadonlyArray<number> =>
  Array.from(new Set(waits.map(({ seat }) => seat.rank))).sort((a, b) => a - b)

const verdictOn = (scene: Scene, first: Wait, waits: ReadonlyArray<Wait>): Verdict => ({
  kind: "cannot_tell",
  sentence: "",
  communicator: nameOf(scene.communicator),
  ordinal: first.column?.ordinal ?? null,
  op: first.operation.signature.op,
  culprits: [] as ReadonlyArray<Culprit>,
  waiting: ranksIn(waits),
  ageSeconds: wholeSeconds(scene.now - Math.min(...waits.map(({ since }) => since))),
  evidence: evidenceOf(waits.map((wait) => wait.operation.position)),
  confidence: 0.5,
  missingEvidence: [],
})
