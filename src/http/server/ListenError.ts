// A port that could not be opened, in words for whoever has to choose another.

import { Data } from "effect"

export class ListenError extends Data.TaggedError("ListenError")<{
  readonly host: string
  readonly port: number
  readonly code: string
}> {
  override get message() {
    const where = `port ${this.port} on ${this.host}`
    if (this.code === "EADDRINUSE")
      return `${where} is in use by another program; stop that one, or name another port (--port, --ccl-port; 0 takes any free one)`
    if (this.code === "EACCES") return `${where} may not be opened by this user; take a port above 1023`
    if (this.code === "EADDRNOTAVAIL")
      return `${this.host} is no address of this machine; bind 127.0.0.1 or one that is`
    if (this.code === "ENOTFOUND")
      return `the host name ${this.host} is not known here; bind 127.0.0.1 or a name that is`
    return `${where} cannot be opened (${this.code})`
  }
}
