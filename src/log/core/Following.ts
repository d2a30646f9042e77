// Backlog, then live, as one stream: subscribe first, read what is stored, then take what is handed, each position once.

import { Effect, Exit, Option, Scope, Stream } from "effect"
import type { Position } from "../../domain/Brands.ts"
import type { Committed, LogDamaged, LogUnavailable } from "../EventLog.ts"
import type { BlockStore } from "../store/BlockStore.ts"
import type { Core } from "./Core.ts"
import { accountsFor } from "./Ledger.ts"
import * as Reading from "./Reading.ts"

export const follow = (core: Core, from: Position): Stream.Stream<Committed, LogDamaged | LogUnavailable> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const follower = yield* core.followers.subscribe(core.limits.followerEvents)
      const backlog = yield* Effect.acquireRelease(Effect.succeed(new Backlog(core)), (open) => open.close)
      let next: number = Math.max(1, from)
      const pull: Effect.Effect<Committed, LogDamaged> = Effect.gen(function* () {
        while (true) {
          const stored = yield* backlog.pull
          if (stored !== null) {
            next = (stored.at(-1)?.position ?? next) + 1
            return stored
          }
          next = Math.max(next, backlog.to + 1)
          const commit = follower.take()
          const first = commit?.[0]?.position
          if (commit === null || first === undefined) {
            if (next <= core.ledger.tail.head) yield* backlog.open(next, core.ledger.tail.head)
            else yield* follower.arrival
            continue
          }
          if (first > next) {
            follower.unread(commit)
            yield* backlog.open(next, first - 1)
            continue
          }
          const fresh = commit.slice(next - first)
          if (fresh.length === 0) continue
          next += fresh.length
          return fresh
        }
      })
      return Stream.repeatEffect(pull)
    }),
  )

/** A stretch of stored events that a follower has yet to see. It outlasts a store that is closed and opened anew. */
class Backlog {
  readonly #core: Core
  #scope: Scope.CloseableScope | null = null
  #pull: Reading.Pull | null = null
  #next = 1
  /** Everything up to here has been handed out or is in the stretch. */
  to = 0

  constructor(core: Core) {
    this.#core = core
  }

  open(from: number, to: number): Effect.Effect<void> {
    this.#next = from
    this.to = to
    return this.#begin
  }

  readonly #begin: Effect.Effect<void> = Effect.suspend(() =>
    Effect.gen(this, function* () {
      yield* this.close
      const store = yield* storeAgain(this.#core)
      const { ledger, limits } = this.#core
      const accounts = (first: number, last: number) => accountsFor(this.#core.ledger, first, last)
      const to = Math.min(this.to, ledger.tail.head)
      const isOpen = () => this.#core.store === store
      const plan = { from: this.#next, to, lanes: Reading.bothLanes, accounts, chunkEvents: limits.chunkEvents, isOpen }
      const scope = yield* Scope.make()
      this.#scope = scope
      const pull = yield* Effect.either(Scope.extend(Reading.open(store, plan), scope))
      this.#pull = pull._tag === "Right" ? pull.right : Effect.fail(Option.some(pull.left))
    }),
  )

  /** The next stored chunk, or null when there is nothing of the stretch left. */
  readonly pull: Effect.Effect<Committed | null, LogDamaged> = Effect.suspend(() =>
    Effect.gen(this, function* () {
      while (this.#pull !== null) {
        const chunk = yield* Effect.either(this.#pull)
        if (chunk._tag === "Right") {
          this.#next = (chunk.right.at(-1)?.position ?? this.#next) + 1
          return chunk.right
        }
        if (Option.isNone(chunk.left)) {
          yield* this.close
          return null
        }
        if (chunk.left.value._tag === "LogDamaged") return yield* chunk.left.value
        // The store went away beneath the cursor: wait for it and go on where it broke off.
        yield* this.#begin
      }
      return null
    }),
  )

  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    const scope = this.#scope
    this.#scope = null
    this.#pull = null
    return scope === null ? Effect.void : Scope.close(scope, Exit.void)
  })
}

/** It may be gone again by the time that the gate lets a waiter through. */
const storeAgain = (core: Core): Effect.Effect<BlockStore> =>
  Effect.gen(function* () {
    while (true) {
      yield* core.gate.await
      if (core.store !== null) return core.store
      yield* Effect.yieldNow()
    }
  })
