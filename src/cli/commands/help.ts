// annalist help [COMMAND]: the same pages as --help.

import { exitCodes, type Invocation } from "../Command.ts"
import { commands } from "../commands.ts"
import { overview, pageOf } from "../help.ts"
import { suggestion } from "../nearest.ts"
import { version } from "../version.ts"

export const run = async ({ operands, terminal }: Invocation): Promise<number> => {
  const [name] = operands
  if (name === undefined) {
    await terminal.out(overview(commands, version))
    return exitCodes.fine
  }
  const command = commands.find((one) => one.name === name)
  if (command === undefined) {
    const known = commands.map((one) => one.name)
    terminal.err(`annalist: "${name.slice(0, 80)}" is no command${suggestion(name, known)}\n`)
    return exitCodes.wrongUsage
  }
  await terminal.out(pageOf(command))
  return exitCodes.fine
}
