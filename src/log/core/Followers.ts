// Who follows the log live. A follower that keeps up is handed commits; one that falls behind reads the store again.

import { Effect } from "effect"
import type { Committed } from "../EventLog.ts"

class Follower {
  readonly #bound: number
  #commits: Array<Committed> = []
  #events = 0
  #wake: (() => void) | null = null

  constructor(bound: number) {
    this.#bound = bound
  }

  hand(commit: Committed): void {
    this.#events += commit.length
    if (this.#events > this.#bound && this.#commits.length > 0) {
      // Too far behind: what is dropped here lies in the store, and the follower knows where it stands.
      this.#commits = []
      this.#events = commit.length
    }
    this.#commits.push(commit)
    this.#wake?.()
  }

  /** Live commits not yet taken, oldest first. */
  take(): Committed | null {
    const commit = this.#commits.shift()
    if (commit === undefined) return null
    this.#events -= commit.length
    return commit
  }

  /** Puts back what cannot be handed on yet. */
  unread(commit: Committed): void {
    this.#commits.unshift(commit)
    this.#events += commit.length
  }

  readonly arrival: Effect.Effect<void> = Effect.async((resume) => {
    if (this.#commits.length > 0) return resume(Effect.void)
    this.#wake = () => {
      this.#wake = null
      resume(Effect.void)
    }
    return Effect.sync(() => {
      this.#wake = null
    })
  })
}

export class Followers {
  readonly #followers = new Set<Follower>()

  get size(): number {
    return this.#followers.size
  }

  publish(commit: Committed): void {
    for (const follower of this.#followers) follower.hand(commit)
  }

  subscribe(bound: number) {
    return Effect.acquireRelease(
      Effect.sync(() => {
        const follower = new Follower(bound)
        this.#followers.add(follower)
        return follower
      }),
      (follower) => Effect.sync(() => this.#followers.delete(follower)),
    )
  }
}
