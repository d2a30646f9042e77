// A task of four processes and its looks, as the collectors tell of them.

import { ProcessId } from "../src/domain/Brands.ts"
import type { Event } from "../src/domain/Event.ts"
import type { Profile } from "../src/domain/tasks/Profile.ts"

const task = "bench"
const bootId = "boot"
const process = ProcessId("bench")
const first = { pid: 4000, startTicks: 1 }

export function* taskEvents(profile: Profile, looks: number): Generator<Event> {
  yield {
    _tag: "TaskDefined",
    definition: {
      task,
      process,
      name: task,
      file: "tree.sh",
      module: null,
      function: "",
      inputs: [],
      arguments: [],
      env: null,
      daemon: false,
      profile,
    },
  }
  yield { _tag: "TaskStartRequested", task }
  yield { _tag: "ProcessBooted", process, identity: { bootId, ...first } }
  for (let look = 0; look < looks; look++) {
    yield {
      _tag: "SamplesTaken",
      collector: "processes",
      takenMicros: look * profile.intervalSeconds * 1e6,
      host: null,
      processes: Array.from({ length: 4 }, (_, index) => ({
        pid: first.pid + index,
        startTicks: 1,
        parentPid: index === 0 ? 1 : first.pid,
        name: "worker",
        state: "S",
        cpuTicks: look * index,
        residentBytes: 4096 * look,
        virtualBytes: 2 ** 30,
        threads: 4,
        readBytes: 512 * look,
        writtenBytes: 1024 * look,
        descriptors: 12,
        receivedBytes: 100 * look,
        sentBytes: 200 * look,
        proportionalBytes: 2048 * look,
      })),
    }
  }
}
