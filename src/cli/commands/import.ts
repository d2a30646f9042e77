// annalist import FILE...: foreign records written as a session file, which open, replay and explain take.

import { Effect } from "effect"
import { importFiles } from "../../session/import/importFiles.ts"
import { writeAside } from "../../session/writeAside.ts"
import { exitCodes, type Invocation } from "../Command.ts"
import { wrongUsage } from "../Failure.ts"
import { quietly, runToEnd } from "../running.ts"
import { counted, plain } from "../text.ts"

export const run = ({ operands, values, terminal }: Invocation): Promise<number> =>
  runToEnd(
    Effect.gen(function* () {
      const output = values.get("output")
      if (output === undefined) return yield* wrongUsage("-o FILE is missing: the session file to write")
      yield* writeAside(output, yield* importFiles(operands))
      yield* Effect.promise(() => terminal.out(`${plain(output)}: a session of ${counted(operands.length, "file")}\n`))
      return exitCodes.fine
    }),
    terminal,
    quietly,
  )
