// docs/configuration.md is made from the table of settings: `npx vitest run test/cli/settings -u` writes it anew.

import { describe, expect, it } from "vitest"
import { commands } from "../../../src/cli/commands.ts"
import { environmentNameOf, flagOf, names, rowOf } from "../../../src/cli/settings/table.ts"

const row = (cells: ReadonlyArray<string>) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`

const settings = [
  row(["flag", "environment", "key of the file", "default", "takes", "what it is"]),
  row(["---", "---", "---", "---", "---", "---"]),
  ...names.map((name) => {
    const { fallbackShown, summary, takes } = rowOf(name)
    return row([
      `\`--${flagOf(name)}\``,
      `\`${environmentNameOf(name)}\``,
      `\`${name}\``,
      fallbackShown,
      takes.takes,
      summary,
    ])
  }),
]

const document = `# Configuration

Flags win over the environment, the environment over the file, the file over the defaults. The file is \`annalist.config.json\` in the start directory,
or what \`--config\` names: one JSON object, a key a setting. Whoever sets an unknown name or a bad value is told the name and what would be right, and the program ends with exit code 2.

${settings.join("\n")}

- An environment variable that is empty counts as not set. In the file, \`null\` is *none*, and a list may be a JSON list.
- A port of 0 is any free one, \`off\` is none; the agent prints the addresses once it answers, as one line of JSON with \`--json\`.
- Paths are relative to the start directory. Intervals and limits are in seconds.
- \`open\` takes a free port unless \`--port\` says otherwise: the environment and the file speak of the agent. It takes ${(commands.find(({ name }) => name === "open")?.settings ?? []).map((name) => `\`--${flagOf(name)}\``).join(", ")}.
- What Kubernetes injects for services called annalist (\`ANNALIST_PORT=tcp://…\`, \`ANNALIST_SERVICE_HOST\` …) is passed over.
- Propeller's \`PROPLET_METRICS_INTERVAL\` stands for \`ANNALIST_PROFILE_INTERVAL\`, and \`PROPLET_ENABLE_MONITORING=false\` for \`ANNALIST_PROFILE=disabled\`; Annalist's own names win over them.
- Log records go to stderr, each on a line of its own: JSON where stderr is no terminal, or with \`--log-format json\`.
`

describe("docs/configuration.md", () => {
  it("says what the table of settings says", async () => {
    await expect(document).toMatchFileSnapshot("../../../docs/configuration.md")
  })
})
