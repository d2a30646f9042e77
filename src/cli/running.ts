// An effect as the whole of a command: run to its end or to a signal, its failure told in one line.

import { Cause, Effect, Exit, Fiber } from "effect"
import { exitCodes } from "./Command.ts"
import { Failure, sentenceOf } from "./Failure.ts"
import * as Logging from "./logging.ts"
import { isClosedPipe, type Terminal } from "./Terminal.ts"
import { plain } from "./text.ts"

export interface RunOptions extends Logging.LogOptions {
  /** What a signal makes of it: a server that is told to end did its work, an export that is interrupted did not. */
  readonly onSignal: number
}

export const quietly: RunOptions = { format: "auto", level: "warning", onSignal: exitCodes.failed }

/** An orderly end takes at most this long after the first signal. */
const endMillis = 1900

/** Resolves with the exit code. A second signal ends the program at once. */
export const runToEnd = (
  program: Effect.Effect<number, unknown>,
  terminal: Terminal,
  options: RunOptions,
): Promise<number> =>
  new Promise((resolve) => {
    const fiber = Effect.runFork(program.pipe(Effect.provide(Logging.layer(terminal, options))))
    const signals = endOnSignals(fiber, terminal)
    fiber.addObserver((exit) => {
      signals.remove()
      resolve(signals.received() && Exit.isInterrupted(exit) ? options.onSignal : codeOf(exit, terminal))
    })
  })

const endOnSignals = (fiber: Fiber.RuntimeFiber<unknown, unknown>, terminal: Terminal) => {
  let received = false
  let late: NodeJS.Timeout | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    if (received) process.exit(signal === "SIGINT" ? 130 : 143)
    received = true
    Effect.runFork(Fiber.interrupt(fiber))
    late = setTimeout(() => {
      terminal.err(`annalist: not ended ${endMillis} ms after ${signal}: ending now\n`)
      process.exit(exitCodes.failed)
    }, endMillis).unref()
  }
  const names = ["SIGTERM", "SIGINT"] as const
  for (const name of names) process.on(name, onSignal)
  return {
    received: () => received,
    remove: () => {
      clearTimeout(late)
      for (const name of names) process.off(name, onSignal)
    },
  }
}

const codeOf = (exit: Exit.Exit<number, unknown>, terminal: Terminal): number => {
  if (Exit.isSuccess(exit)) return exit.value
  if (isClosedPipe(Cause.squash(exit.cause))) return exitCodes.fine
  const failure = Cause.failureOption(exit.cause)
  if (failure._tag === "None") {
    terminal.err(
      `annalist: broke, which is a mistake of its own:\n${Cause.pretty(exit.cause, { renderErrorCause: true })}\n`,
    )
    return exitCodes.failed
  }
  terminal.err(`annalist: ${plain(sentenceOf(failure.value))}\n`)
  return failure.value instanceof Failure ? failure.value.exitCode : exitCodes.failed
}
