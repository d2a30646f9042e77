// What passes between two ranks point to point: how much, how often, and who kept whom waiting.

import { type Clock, toReference } from "./Clock.ts"
import type { Operation } from "./Operation.ts"
import type { Seat } from "./Seat.ts"

export interface Exchange {
  readonly from: number
  readonly to: number
  sends: number
  receives: number
  bytes: number
  /** Waited for the sender, and for the receiver, µs; only where both clocks are known. */
  lateSenderMicros: number
  lateReceiverMicros: number
  /** Pairs whose bytes differ while a neighbouring pairing fits: which send met which receive is not certain. */
  ambiguous: number
}

const maxExchanges = 4096

export type Exchanges = Map<number, Exchange>

const exchangeOf = (exchanges: Exchanges, from: number, to: number): Exchange | null => {
  const key = from * 65_536 + to
  const known = exchanges.get(key)
  if (known !== undefined) return known
  if (exchanges.size >= maxExchanges || !(to >= 0)) return null
  const made = { from, to, sends: 0, receives: 0, bytes: 0, lateSenderMicros: 0, lateReceiverMicros: 0, ambiguous: 0 }
  exchanges.set(key, made)
  return made
}

/** Counts one finished side; the bytes are the sender's. */
export const countSide = (
  exchanges: Exchanges,
  rank: number,
  operation: string,
  peer: number,
  bytes: number | null,
): void => {
  const sends = operation === "send"
  const exchange = sends ? exchangeOf(exchanges, rank, peer) : exchangeOf(exchanges, peer, rank)
  if (exchange === null) return
  if (!sends) {
    exchange.receives += 1
    return
  }
  exchange.sends += 1
  exchange.bytes += bytes ?? 0
}

export interface Side {
  readonly seat: Seat
  readonly clock: Clock | null
  readonly operations: ReadonlyArray<Operation>
}

/** Pairs the n-th send with the n-th receive among the transfers that are let go together. */
export const learnExchanges = (exchanges: Exchanges, sides: ReadonlyMap<number, Side>): void => {
  for (const [rank, side] of sides) {
    const receives = new Map<number, Array<Operation>>()
    for (const operation of side.operations) {
      if (operation.signature.op !== "recv") continue
      const own = receives.get(operation.peer)
      if (own === undefined) receives.set(operation.peer, [operation])
      else own.push(operation)
    }
    for (const [peer, own] of receives) {
      const sender = sides.get(peer)
      const sends = sender?.operations.filter((one) => one.signature.op === "send" && one.peer === rank) ?? []
      const exchange = exchangeOf(exchanges, peer, rank)
      if (sender !== undefined && exchange !== null) pairUp(exchange, sends, own, sender.clock, side.clock)
    }
  }
}

const pairUp = (
  exchange: Exchange,
  sends: ReadonlyArray<Operation>,
  receives: ReadonlyArray<Operation>,
  sender: Clock | null,
  receiver: Clock | null,
): void => {
  for (const [index, receive] of receives.entries()) {
    const send = sends[index]
    if (send === undefined) return
    if (!sameBytes(send, receive) && (sameBytes(sends[index - 1], receive) || sameBytes(sends[index + 1], receive))) {
      exchange.ambiguous += 1
      continue
    }
    if (sender === null || receiver === null) continue
    const late = toReference(sender, send.start) - toReference(receiver, receive.start)
    if (late > 0) exchange.lateSenderMicros += late
    else exchange.lateReceiverMicros -= late
  }
}

const sameBytes = (send: Operation | undefined, receive: Operation): boolean =>
  send !== undefined && (send.bytes === receive.bytes || send.bytes === null || receive.bytes === null)
