// Whether an address may be listened on at all: beyond loopback only where callers have to say who they are.

import { isLoopback } from "../Peer.ts"

/** Null when it may. */
export const bindRefusal = (
  host: string,
  proof: { readonly tokens: boolean; readonly clientCertificates: boolean },
): string | null =>
  isLoopback(host) || proof.tokens || proof.clientCertificates
    ? null
    : `the address ${host} can be reached from other machines, and nothing would tell callers apart: ` +
      "set ANNALIST_TOKEN_FILE (lines `role token`, mode 0600) or ANNALIST_TLS_CLIENT_CA, or bind 127.0.0.1"
