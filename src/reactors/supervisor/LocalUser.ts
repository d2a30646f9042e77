// A user of this host by name, as the agent can become it: root only can.

import { readFile } from "node:fs/promises"
import { Effect } from "effect"

export interface LocalUser {
  readonly uid: number
  readonly gid: number
}

/** Null when the agent stays who it is: nobody else is asked for, it is not root, or this host does not know the name. */
export const named = (name: string): Effect.Effect<LocalUser | null> =>
  Effect.promise(async () => {
    if (name === "" || name === "root" || process.getuid?.() !== 0) return null
    const line = (await passwd()).split("\n").find((one) => one.startsWith(`${name}:`))
    const [, , uid, gid] = (line ?? "").split(":").map(Number)
    return uid === undefined || gid === undefined || !uid ? null : { uid, gid }
  })

const passwd = async (): Promise<string> => {
  try {
    return await readFile("/etc/passwd", "utf8")
  } catch {
    // A host without one knows nobody by name.
    return ""
  }
}
