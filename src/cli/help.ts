// What help prints: the list of commands, and a page for each.

import type { Flag } from "./Arguments.ts"
import type { Command } from "./Command.ts"
import { flagOf, rowOf } from "./settings/table.ts"

const width = 100

export const overview = (commands: ReadonlyArray<Command>, version: string): string =>
  [
    `annalist ${version}: a process agent whose every act and observation is one immutable, ordered log`,
    "",
    "Usage: annalist COMMAND [flags]",
    "",
    ...columns(commands.map((command) => [command.name, command.summary])),
    "",
    "annalist COMMAND --help tells more and gives an example; annalist --version tells the version.",
    "Exit codes: 0 fine, 1 failed, 2 wrong usage; some commands have more.",
    "",
  ].join("\n")

export const pageOf = (command: Command): string => {
  const usage = ["annalist", command.name, command.operands.shown, "[flags]"].filter((word) => word !== "")
  const exits = [[0, "fine"], [1, "failed"], [2, "wrong usage"], ...command.exits].map(
    ([code, meaning]) => `${code} ${meaning}`,
  )
  return [
    `Usage: ${usage.join(" ")}`,
    "",
    ...wrap(command.about, width),
    "",
    ...section("Flags", columns([...command.flags, helpFlag].map((flag) => [spelling(flag), flag.summary]))),
    ...(command.settings.length === 0
      ? []
      : section(
          "Settings (flags over environment over annalist.config.json; the default in brackets)",
          columns(
            command.settings.map((name) => [
              `--${flagOf(name)}`,
              `${rowOf(name).summary} [${rowOf(name).fallbackShown}]`,
            ]),
          ),
        )),
    ...section("Example", [`  ${command.example}`]),
    `Exit codes: ${exits.join(", ")}.`,
    "",
  ].join("\n")
}

const helpFlag: Flag = { name: "help", short: "h", value: null, summary: "Print this" }

const spelling = (flag: Flag): string =>
  `${flag.short === undefined ? "" : `-${flag.short}, `}--${flag.name}${flag.value === null ? "" : ` ${flag.value}`}`

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> => [`${title}:`, ...lines, ""]

const columns = (rows: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> => {
  const indent = Math.max(...rows.map(([left]) => left.length)) + 4
  return rows.flatMap(([left, right]) =>
    wrap(right, width - indent).map(
      (line, index) => `${index === 0 ? `  ${left}`.padEnd(indent) : " ".repeat(indent)}${line}`,
    ),
  )
}

const wrap = (text: string, columnsWide: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columnsWide) {
      lines.push(line)
      line = word
    } else line = line === "" ? word : `${line} ${word}`
  }
  return [...lines, line]
}
