// annalist completions bash|zsh|fish: a script made from the table of commands, so that it knows them all.

import { exitCodes, type Invocation } from "../Command.ts"
import type { Command } from "../Command.ts"
import { commands } from "../commands.ts"
import { flagOf, rowOf } from "../settings/table.ts"

export const run = async ({ operands, terminal }: Invocation): Promise<number> => {
  const [shell = ""] = operands
  const script = scripts.get(shell)
  if (script === undefined) {
    terminal.err(`annalist: "${shell.slice(0, 80)}" is no shell that is known; bash, zsh and fish are\n`)
    return exitCodes.wrongUsage
  }
  await terminal.out(script())
  return exitCodes.fine
}

interface Completed {
  readonly name: string
  readonly summary: string
  readonly takesValue: boolean
}

const flagsOf = (command: Command): ReadonlyArray<Completed> => [
  ...command.flags.map(({ name, summary, value }) => ({ name, summary, takesValue: value !== null })),
  ...command.settings.map((name) => ({ name: flagOf(name), summary: rowOf(name).summary, takesValue: true })),
  { name: "help", summary: "Print help", takesValue: false },
]

const names = commands.map(({ name }) => name)

/** What completes the operand of a command; null is a file. */
const operandWords = (command: Command): ReadonlyArray<string> | null => {
  if (command.name === "help") return names
  return command.name === "completions" ? ["bash", "zsh", "fish"] : null
}

const bash = (): string => `# annalist completions bash
_annalist() {
  local current="\${COMP_WORDS[COMP_CWORD]}" flags="" words=""
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${names.join(" ")} --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${commands
  .map((command) => {
    const flags = flagsOf(command).map(({ name }) => `--${name}`)
    return `    ${command.name}) flags="${flags.join(" ")}" words="${operandWords(command)?.join(" ") ?? ""}" ;;`
  })
  .join("\n")}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _annalist annalist
`

const zsh = (): string => `#compdef annalist
# annalist completions zsh
_annalist() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "\${words[2]}" in
${commands
  .map((command) => {
    const flags = flagsOf(command).map(({ name, summary, takesValue }) =>
      quoted(`--${name}[${summary.replaceAll(/[[\]:]/g, "\\$&")}]${takesValue ? ":value:_files" : ""}`),
    )
    const words = operandWords(command)
    const operand = words === null ? "'*:file:_files'" : `'*:word:(${words.join(" ")})'`
    return `    ${command.name}) _arguments ${[...flags, operand].join(" ")} ;;`
  })
  .join("\n")}
  esac
}
compdef _annalist annalist
`

const fish = (): string =>
  [
    "# annalist completions fish",
    ...commands.map(
      ({ name, summary }) => `complete -c annalist -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ),
    ...commands.flatMap((command) => {
      const within = `complete -c annalist -n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`
      const words = operandWords(command)
      const flags = flagsOf(command).map(
        ({ name, summary, takesValue }) => `${within} -l ${name}${takesValue ? " -r" : ""} -d ${quoted(summary)}`,
      )
      return words === null ? flags : [`${within} -f -a ${quoted(words.join(" "))}`].concat(flags)
    }),
    "",
  ].join("\n")

/** In single quotes for any of the shells; none of our texts holds a backslash. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const scripts: ReadonlyMap<string, () => string> = new Map([
  ["bash", bash],
  ["zsh", zsh],
  ["fish", fish],
])
