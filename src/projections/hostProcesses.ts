// Every process of the host, as the latest look left it.

import * as HostProcesses from "../domain/samples/HostProcesses.ts"
import type { Projection } from "./Projection.ts"

export const hostProcesses: Projection<HostProcesses.HostProcesses> = {
  name: "hostProcesses",
  version: 1,
  ignoresCollectives: true,
  initial: HostProcesses.initial,
  evolve: HostProcesses.evolve,
  copy: HostProcesses.copy,
}
