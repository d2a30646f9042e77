// What is not code: manifests, the lock, documents, and places that no file may name.

import { posix } from "node:path"
import { missingBuilds } from "../../../scripts/lock.mjs"
import { type Finding, lineAt, type Source } from "../Source.ts"

// Put together here, so that this file does not name them itself.
const placesOfOneMachine = new RegExp(
  `(?<![\\w.])/(${["work", "root"].join("|")})/\\w|\\b(${["file:", "//"].join("")})/\\w`,
  "g",
)
const downloads = new RegExp(["registry", "\\.", "(npmjs|yarnpkg)|\\bdeb", "\\.debian\\b"].join(""), "g")

export const places = (source: Source): ReadonlyArray<Finding> =>
  [placesOfOneMachine, downloads].flatMap((pattern) =>
    [...source.text.matchAll(pattern)].map((match) => ({
      path: source.path,
      line: lineAt(source, match.index),
      what: `names ${match[0]}, which is a place of one machine or network`,
    })),
  )

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly resolved?: string; readonly link?: boolean; readonly hasInstallScript?: boolean }>
  >
}

/** Install scripts that are known and not needed: the packages ship what they would build, or only warn (protobufjs). */
const harmlessScripts = new Set([
  "node_modules/classic-level",
  "node_modules/msgpackr-extract",
  "node_modules/fsevents",
  "node_modules/protobufjs",
])

export const lock = (text: string): ReadonlyArray<Finding> => {
  const path = "package-lock.json"
  const parsed = JSON.parse(text) as Lock
  const entries = Object.entries(parsed.packages)
  return [
    ...entries
      .filter(([, entry]) => entry.resolved !== undefined && !entry.link)
      .map(([name]) => ({ path, what: `says where ${name} was downloaded` })),
    ...entries
      .filter(([name, entry]) => entry.hasInstallScript && !harmlessScripts.has(name))
      .map(([name]) => ({ path, what: `${name} wants an install script` })),
    ...[...missingBuilds(parsed).keys()].map((name) => ({
      path,
      what: `lacks ${name}: run \`node scripts/lock.mjs\``,
    })),
  ]
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Every dependency has a row with its reason in docs/dependencies.md, and an exact version in its manifest; every row has a dependency. */
export const dependencies = (manifests: ReadonlyArray<string>, table: string): ReadonlyArray<Finding> => {
  const path = "docs/dependencies.md"
  const listed = manifests
    .map((text) => JSON.parse(text) as Manifest)
    .flatMap((manifest) =>
      Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }),
    )
  const rows = new Map(
    [...table.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, name = "", rest = ""]) => [
      name,
      rest.split("|").map((cell) => cell.trim()),
    ]),
  )
  const names = new Set(listed.map(([name]) => name))
  return [
    ...listed.filter(([name]) => !rows.has(name)).map(([name]) => ({ path, what: `has no row for ${name}` })),
    ...[...rows.keys()]
      .filter((name) => !names.has(name))
      .map((name) => ({ path, what: `has a row for ${name}, which is no dependency` })),
    ...[...rows]
      .filter(([, cells]) => cells.some((cell) => cell === ""))
      .map(([name]) => ({ path, what: `does not say why ${name}` })),
    ...listed
      .filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version))
      .map(([name]) => ({ path: "package.json", what: `${name} has no exact version` })),
  ]
}

/** Links between documents lead somewhere. */
export const links = (source: Source, exists: (path: string) => boolean): ReadonlyArray<Finding> =>
  source.path.endsWith(".md")
    ? [...source.text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)[^)]*\)/g)].flatMap((match) => {
        const target = posix.join(posix.dirname(source.path), match[1] ?? "")
        return exists(target)
          ? []
          : [{ path: source.path, line: lineAt(source, match.index), what: `links to ${match[1]}, which is not there` }]
      })
    : []
