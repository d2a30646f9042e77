// From the words of the command line to one command's run and its exit code.

import * as Arguments from "./Arguments.ts"
import type { Flag } from "./Arguments.ts"
import { type Command, exitCodes } from "./Command.ts"
import { commands } from "./commands.ts"
import { overview, pageOf } from "./help.ts"
import { suggestion } from "./nearest.ts"
import { flagOf, rowOf } from "./settings/table.ts"
import { isClosedPipe, type Terminal } from "./Terminal.ts"
import { version } from "./version.ts"

export const dispatch = (
  words: ReadonlyArray<string>,
  environment: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
): Promise<number> =>
  run(words, environment, terminal).catch((error: unknown) => {
    if (isClosedPipe(error)) return exitCodes.fine
    throw error
  })

const run = async (
  words: ReadonlyArray<string>,
  environment: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
): Promise<number> => {
  const [first, ...rest] = words
  if (first === "--version" || first === "-V") {
    await terminal.out(`${version}\n`)
    return exitCodes.fine
  }
  if (first === "--help" || first === "-h") {
    await terminal.out(overview(commands, version))
    return exitCodes.fine
  }
  if (first === undefined) {
    terminal.err(overview(commands, version))
    return exitCodes.wrongUsage
  }
  const command = commands.find((one) => one.name === first)
  if (command === undefined) {
    const known = commands.map((one) => one.name)
    terminal.err(
      `annalist: "${first.slice(0, 80)}" is no command${suggestion(first, known)} (annalist --help lists them)\n`,
    )
    return exitCodes.wrongUsage
  }
  if (wantsHelp(rest)) {
    await terminal.out(pageOf(command))
    return exitCodes.fine
  }
  const parsed = Arguments.parse(rest, { flags: allFlags(command), operands: command.operands })
  if (typeof parsed === "string") {
    terminal.err(`annalist ${command.name}: ${parsed} (annalist ${command.name} --help tells what is right)\n`)
    return exitCodes.wrongUsage
  }
  const loaded = await command.load()
  return loaded.run({ ...parsed, environment, terminal })
}

const wantsHelp = (words: ReadonlyArray<string>): boolean => {
  const end = words.indexOf("--")
  return (end < 0 ? words : words.slice(0, end)).some((word) => word === "--help" || word === "-h")
}

const allFlags = (command: Command): ReadonlyArray<Flag> => [
  ...command.flags,
  ...command.settings.map((name) => ({ name: flagOf(name), value: "VALUE", summary: rowOf(name).summary })),
]
