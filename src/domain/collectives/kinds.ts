// What an operation is, whatever its reporter calls it: `all_reduce`, `AllReduce` and `ncclAllReduce` are one kind.

/** Who has to come before a rank can leave: everybody, the root (all others wait for it), or everybody but only for the root. */
export type Shape = "all_to_all" | "from_root" | "to_root" | "transfer" | "unknown"

export interface Kind {
  readonly name: string
  readonly shape: Shape
  /** Ranks may give counts of their own (alltoallv and its like): a difference says nothing. */
  readonly unevenCounts: boolean
  /** A barrier moves nothing. */
  readonly carriesData: boolean
}

const kind = (name: string, shape: Shape): Kind => ({
  name,
  shape,
  unevenCounts: false,
  carriesData: name !== "barrier",
})

const base: ReadonlyArray<Kind> = [
  kind("allreduce", "all_to_all"),
  kind("allgather", "all_to_all"),
  kind("reduce_scatter", "all_to_all"),
  kind("alltoall", "all_to_all"),
  kind("barrier", "all_to_all"),
  kind("broadcast", "from_root"),
  kind("scatter", "from_root"),
  kind("reduce", "to_root"),
  kind("gather", "to_root"),
  kind("send", "transfer"),
  kind("recv", "transfer"),
]

const synonyms: Readonly<Record<string, string>> = { bcast: "broadcast", receive: "recv", exchange: "alltoall" }
const byLetters = new Map(base.map((one) => [one.name.replaceAll("_", ""), one]))

const known = new Map<string, Kind>()
const maxKnown = 1024

export const kindOf = (op: string): Kind => {
  const found = known.get(op)
  if (found !== undefined) return found
  if (known.size >= maxKnown) known.clear()
  const made = recognise(op)
  known.set(op, made)
  return made
}

const recognise = (op: string): Kind => {
  const letters = op.toLowerCase().replaceAll(/[^a-z0-9]/g, "")
  const bare = letters.replace(/^(c10d|nccl|rccl|mpi|gloo|ucc|dist)+/, "").replace(/(async|coalesced|op)$/, "")
  for (const name of [bare, bare.replace(/^i(?=(all|bcast|reduce|gather|scatter|barrier|send|recv))/, "")]) {
    const plain = name.replace(/(intotensor|tensor|base|single|inplace)$/, "")
    const direct = byLetters.get(synonyms[plain] ?? plain)
    if (direct !== undefined) return direct
    const even = plain.endsWith("v") || plain.endsWith("w") ? byLetters.get(plain.slice(0, -1)) : undefined
    if (even !== undefined) return { ...even, name: `${even.name}v`, unevenCounts: true }
  }
  return kind(op.toLowerCase().slice(0, 64), "unknown")
}
