// A picture in the making, in the Trace Event Format that Perfetto opens: rows of JSON, with tracks named when they are first used.

export type Arguments = Readonly<Record<string, string | number | boolean | null>>

/** A line of the picture: a thread of a process, in the format's words. */
export interface Track {
  readonly pid: number
  readonly tid: number
}

export class Picture {
  #rows: Array<string> = []
  readonly #groups = new Map<string, number>()
  readonly #named = new Set<string>()
  #ids = 0

  /** The number of a group of tracks; groups are shown in the order of their ranks, then of their making. */
  group(key: string, name: string, order: number): number {
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const pid = this.#groups.size + 1
    this.#groups.set(key, pid)
    this.#row({ ph: "M", name: "process_name", pid, tid: 0, args: { name } })
    this.#row({ ph: "M", name: "process_sort_index", pid, tid: 0, args: { sort_index: order } })
    return pid
  }

  track(pid: number, tid: number, name: string): Track {
    const key = `${pid} ${tid}`
    if (!this.#named.has(key)) {
      this.#named.add(key)
      this.#row({ ph: "M", name: "thread_name", pid, tid, args: { name } })
      this.#row({ ph: "M", name: "thread_sort_index", pid, tid, args: { sort_index: tid } })
    }
    return { pid, tid }
  }

  /** Slices of one track lie beside or within each other, and come in the order of their beginnings. */
  slice({ pid, tid }: Track, name: string, start: number, end: number, cat: string, args?: Arguments): void {
    this.#row({ ph: "X", name, cat, pid, tid, ts: start, dur: Math.max(0, end - start), ...(args && { args }) })
  }

  /** What may overlap with others of its kind. */
  overlapping({ pid, tid }: Track, name: string, start: number, end: number, cat: string, args?: Arguments): void {
    const id = this.#nextId()
    this.#row({ ph: "b", name, cat, id, pid, tid, ts: start, ...(args && { args }) })
    this.#row({ ph: "e", name, cat, id, pid, tid, ts: Math.max(start, end) })
  }

  /** From a moment within a slice to a moment within another. */
  arrow(name: string, from: Track & { readonly at: number }, to: Track & { readonly at: number }): void {
    const id = this.#nextId()
    this.#row({ ph: "s", name, cat: "wait", id, pid: from.pid, tid: from.tid, ts: from.at })
    this.#row({ ph: "f", bp: "e", name, cat: "wait", id, pid: to.pid, tid: to.tid, ts: to.at })
  }

  counter(pid: number, name: string, at: number, value: number): void {
    if (Number.isFinite(value)) this.#row({ ph: "C", name, pid, tid: 0, ts: at, args: { value } })
  }

  instant({ pid, tid }: Track, name: string, at: number, cat: string, args?: Arguments): void {
    this.#row({ ph: "i", s: "g", name, cat, pid, tid, ts: at, ...(args && { args }) })
  }

  /** The rows since the last time. */
  taken(): ReadonlyArray<string> {
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  #row(row: Readonly<Record<string, unknown>>): void {
    this.#rows.push(JSON.stringify(row))
  }

  #nextId(): number {
    this.#ids += 1
    return this.#ids
  }
}
