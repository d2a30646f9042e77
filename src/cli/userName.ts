// Who runs this program.

import { userInfo } from "node:os"

/** A user id without a name, as containers have, is no reason to fail. */
export const userName = (): string => {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? "")
  }
}
