// What a process is asked to run, as one argument list for its shim. Words of a caller are never read by a shell.

import type { ProcessSpec } from "../../domain/events/ProcessEvents.ts"

type Programs = Pick<ProcessSpec, "argv" | "steps" | "name">

/** These change the shell in which they are run: they only make sense in front of others. */
const sourcing = new Set(["source", "."])

/** One program runs by itself. Of several each but the last runs in the shell; the last takes its place, so that its end is the end. */
export const argvOf = (spec: Programs): ReadonlyArray<string> => {
  const all = [spec.argv, ...(spec.steps ?? [])]
  const [only] = all
  if (all.length === 1 && only !== undefined && !sourcing.has(only[0])) return only
  // `source` is a word of bash; the standard's own is the dot.
  const shell = all.some(([first]) => first === "source") ? "/bin/bash" : "/bin/sh"
  return [shell, "-c", lineOf(all), spec.name, ...all.flat()]
}

/** Refers to the words by number: `"${1}" "${2}"; exec "${3}"`. */
const lineOf = (all: ReadonlyArray<ReadonlyArray<string>>): string => {
  let number = 0
  return all
    .map((words, index) => {
      const line = words.map(() => `"\${${++number}}"`).join(" ")
      return index === all.length - 1 && !sourcing.has(words[0] ?? "") ? `exec ${line}` : line
    })
    .join("; ")
}

/** For a shell that is not ours to hand arguments to. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`
