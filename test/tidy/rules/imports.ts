// Rooms, and who may enter: the picture of docs, as a table.

import { type Finding, importsOf, lineAt, roomOf, type Source } from "../Source.ts"

const every = [
  "domain",
  "log",
  "commands",
  "collectors",
  "projections",
  "reactors",
  "wire",
  "http",
  "grpc",
  "mqtt",
  "session",
  "cli",
  "web",
]
const faces = ["domain", "wire", "commands", "projections", "session"]

/** What each room may import of ours, besides itself. */
const mayEnter: Readonly<Record<string, ReadonlyArray<string>>> = {
  domain: [],
  log: ["domain"],
  wire: ["domain"],
  commands: ["log", "domain"],
  projections: ["log", "domain"],
  collectors: ["domain", "commands"],
  reactors: ["domain", "log", "commands", "projections"],
  session: ["domain", "log", "projections", "wire"],
  http: faces,
  // The same door stands before every face.
  grpc: [...faces, "http"],
  mqtt: faces,
  cli: every,
  web: ["wire"],
  index: every.filter((room) => room !== "web"),
  main: every.filter((room) => room !== "web"),
}

const packages: ReadonlyArray<readonly [pattern: RegExp, rooms: ReadonlyArray<string>, why: string]> = [
  [/^classic-level$/, ["log"], "only src/log knows LevelDB"],
  [
    /^(node:child_process|execa|systeminformation)$/,
    ["collectors", "reactors"],
    "only collectors and reactors start processes",
  ],
  [
    /^node:fs(\/promises)?$/,
    ["log", "collectors", "reactors", "session", "http", "cli", "main"],
    "this room does not touch files",
  ],
  [
    /^(node:(net|http|https|http2|tls|dgram)|http2-wrapper)$/,
    ["http", "grpc", "mqtt", "cli", "log", "reactors"],
    "sockets are the faces' (and the log's lock)",
  ],
  [
    /^node:/,
    every.filter((room) => room !== "domain" && room !== "web" && room !== "wire").concat("main", "index"),
    "this room is pure",
  ],
  [/^(preact|uplot)(\/|$)/, ["web"], "only the page draws"],
]

const fault = (room: string, from: string, target: string | undefined): string | undefined => {
  if (target === undefined) {
    const broken = packages.find(([pattern, rooms]) => pattern.test(from) && !rooms.includes(room))
    return broken === undefined ? undefined : `${room} may not import ${from}: ${broken[2]}`
  }
  const other = roomOf(target)
  if (other === undefined) return target.startsWith("src") ? undefined : `src may not import ${target}`
  if (other === "main") return "nothing imports main"
  if (other === room || mayEnter[room]?.includes(other)) return undefined
  return `${room} may not import ${other} (it may: ${mayEnter[room]?.join(", ") || "nothing of ours"})`
}

export const imports = (source: Source): ReadonlyArray<Finding> => {
  const room = roomOf(source.path)
  if (room === undefined) return []
  if (!(room in mayEnter)) return [{ path: source.path, what: `src/${room} is no room of the house` }]
  return importsOf(source).flatMap(({ from, target, offset }) => {
    const what = fault(room, from, target)
    return what === undefined ? [] : [{ path: source.path, line: lineAt(source, offset), what }]
  })
}
