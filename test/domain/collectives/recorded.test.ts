// Real jobs of four ranks over gloo, each with one fault, as scripts/record-faults.mjs recorded them; the truth stands beside them.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import { Position } from "../../../src/domain/Brands.ts"
import type { Envelope } from "../../../src/domain/Envelope.ts"
import { fromTypeAndData } from "../../../src/domain/Event.ts"
import { judge } from "../../../src/domain/collectives/judge.ts"
import { foldAll } from "./score.ts"

interface Claim {
  readonly fault: string
  readonly file: string
  readonly verdicts: ReadonlyArray<string>
  readonly culprits: ReadonlyArray<number>
  readonly mayNameNobody?: boolean
  readonly mayName?: ReadonlyArray<number>
}

interface Line {
  readonly position: number
  readonly at: string
  readonly mono: number
  readonly type: string
  readonly data: { readonly [field: string]: unknown }
}

const folder = join(import.meta.dirname, "../../../fixtures/sessions")
const read = (file: string) => readFileSync(join(folder, file))
const { sessions } = JSON.parse(read("torch-faults.json").toString()) as { readonly sessions: ReadonlyArray<Claim> }

const envelopesOf = (file: string): ReadonlyArray<Envelope> =>
  gunzipSync(read(file))
    .toString()
    .trimEnd()
    .split("\n")
    .slice(1, -1)
    .map((text) => {
      const { position, at, mono, type, data } = JSON.parse(text) as Line
      const event = Either.getOrThrow(fromTypeAndData(type, data))
      return { position: Position(position), at: Date.parse(at) * 1000, mono, actor: "test", command: null, event }
    })

const acceptable = ({ culprits, mayNameNobody, mayName }: Claim): ReadonlyArray<ReadonlyArray<number>> => [
  culprits,
  ...(mayNameNobody === true ? [[]] : []),
  ...(mayName === undefined ? [] : [mayName]),
]

describe("the verdict on a recorded job of torch.distributed", () => {
  for (const claim of sessions) {
    it(`is right where the fault was: ${claim.fault}`, () => {
      const envelopes = envelopesOf(claim.file)
      const [verdict] = judge(foldAll(envelopes), envelopes.at(-1)!.at)
      expect(claim.verdicts, verdict?.sentence).toContain(verdict?.kind)
      const named = verdict?.culprits.map(({ rank }) => rank)
      const silent = verdict?.kind === "cannot_tell" || verdict?.kind === "healthy"
      expect(silent ? [[]] : acceptable(claim), verdict?.sentence).toContainEqual(named)
    })
  }
})
