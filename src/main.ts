// The program: words in, exit code out.

import { dispatch } from "./cli/dispatch.ts"
import { ofProcess } from "./cli/Terminal.ts"

process.exit(await dispatch(process.argv.slice(2), process.env, ofProcess()))
