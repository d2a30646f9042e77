// Planted secrets: none of them reaches a file, in whatever format, and what is no secret does.

import { it } from "@effect/vitest"
import { Effect } from "effect"
import { parquetReadObjects } from "hyparquet"
import { describe, expect } from "vitest"
import type { Event } from "../../src/domain/Event.ts"
import { withoutSecrets } from "../../src/domain/withoutSecrets.ts"
import type { Format } from "../../src/session/Format.ts"
import { formatNamed, formats, isTabular } from "../../src/session/formats.ts"
import { tables } from "../../src/session/tables/tables.ts"
import { booted, collective, everything, exited, recordedOf, requested, sessionOf, started } from "./given.ts"

const planted = "hunter2"

const booting = requested("worker")
const withArguments = (...words: ReadonlyArray<string>): Event =>
  ({ ...booting, spec: { ...("spec" in booting ? booting.spec : {}), argv: ["train", ...words] } }) as Event

const secrets: ReadonlyArray<Event> = [
  started,
  withArguments(
    "--lr",
    "3e-4",
    "--token-file=/run/token",
    `--db-password=${planted}`,
    "--api-key",
    planted,
    `AWS_SECRET_ACCESS_KEY=${planted}`,
    `mqtt://user:${planted}@broker:1883/x`,
    `Authorization: Bearer ${planted}`,
  ),
  booted("worker"),
  {
    _tag: "JobRequested",
    job: "job-1",
    flow: "resize",
    routine: "begin",
    slot: "run",
    input: { picture: "cat.png", login: { accessToken: planted, note: "kept" } },
    origin: null,
    shared: { password: planted },
  },
  { _tag: "JobStarted", job: "job-1", monitored: true, durable: false },
  {
    _tag: "ProcessesSampled",
    collector: "host",
    takenMicros: 1,
    look: 1,
    whole: true,
    total: 1,
    bootSeconds: 1,
    facts: [
      {
        pid: 7,
        startTicks: 1,
        parentPid: 1,
        group: 7,
        name: "psql",
        nice: 0,
        uid: 0,
        user: "root",
        commandLine: `psql --password ${planted} postgres://u:${planted}@db/shop`,
        cgroup: null,
      },
    ],
    changed: [[7, "S", 1, 4096, 1]],
    ended: [],
  },
  collective(0),
  exited("worker"),
]

const each: ReadonlyArray<readonly [name: string, format: Format]> = formats.flatMap(({ name }) =>
  (isTabular(name) ? tables.map((table) => table.name) : [null]).map((table) => {
    const format = formatNamed(name, table)
    if (typeof format === "string") throw new Error(format)
    return [`${name} ${table ?? ""}`.trim(), format] as const
  }),
)

describe("secrets", () => {
  it.effect.each(each)("are in no file: %s", ([, format]) =>
    Effect.gen(function* () {
      const bytes = yield* sessionOf(recordedOf(secrets), { format })
      expect(bytes.includes(planted)).toBe(false)
      if (format.name !== "parquet") return
      // Its pages are packed.
      const rows = yield* Effect.promise(() => parquetReadObjects({ file: new Uint8Array(bytes).buffer }))
      const shown = rows.map((row) => Object.values(row).map(String).join(" ")).join("\n")
      expect(shown).not.toContain(planted)
    }),
  )

  it.effect("leave their names, and all that stood beside them", () =>
    Effect.gen(function* () {
      const text = (yield* sessionOf(recordedOf(secrets))).toString()
      expect(text).toContain(
        '"argv":["train","--lr","3e-4","--token-file=/run/token","--db-password=[redacted]","--api-key","[redacted]","AWS_SECRET_ACCESS_KEY=[redacted]","mqtt://[redacted]@broker:1883/x","Authorization: Bearer [redacted]"]',
      )
      expect(text).toContain('"input":{"picture":"cat.png","login":{"accessToken":"[redacted]","note":"kept"}}')
      expect(text).toContain('"commandLine":"psql --password [redacted] postgres://[redacted]@db/shop"')
    }),
  )

  it("leave an event that holds none the very same", () => {
    for (const envelope of everything(40)) expect(withoutSecrets(envelope)).toBe(envelope)
  })

  it("are taken out once: a second pass changes nothing", () => {
    const once = recordedOf(secrets).map(withoutSecrets)
    expect(once.map(withoutSecrets)).toEqual(once)
  })
})
