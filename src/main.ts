// The program: words in, exit code out.

import { dispatch } from "./cli/dispatch.ts"
import { endQuietlyWhenClosed, ofProcess } from "./cli/Terminal.ts"

endQuietlyWhenClosed()
process.exit(await dispatch(process.argv.slice(2), process.env, ofProcess()))
