// Reads the built page into memory once: it is small, and what is not there at start cannot be asked for later.

import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { join, relative, sep } from "node:path"
import { Effect } from "effect"
import type { PageFile, PageFiles } from "./RouteSettings.ts"

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
  json: "application/json",
  webmanifest: "application/manifest+json",
  woff2: "font/woff2",
}

/** Far more than the page has; a folder named by mistake is not read into memory. */
const maxFiles = 256
const maxBytes = 16 * 1024 * 1024

/** null where there is no page: the program then says so instead of showing it. */
export const readPage = (folder: string): Effect.Effect<PageFiles | null> =>
  Effect.tryPromise(() => read(folder)).pipe(Effect.orElseSucceed(() => null))

const read = async (folder: string): Promise<PageFiles | null> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = new Map<string, PageFile>()
  let size = 0
  for (const path of names.slice(0, maxFiles)) {
    const type = types[path.slice(path.lastIndexOf(".") + 1)]
    if (type === undefined) continue
    const bytes = await readFile(path)
    size += bytes.length
    if (size > maxBytes) return null
    const tag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`
    files.set(relative(folder, path).split(sep).join("/"), { bytes, type, tag })
  }
  return files.has("index.html") ? files : null
}
