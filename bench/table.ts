// Results for a person: one line each, columns aligned.

import type { Result } from "./Bench.ts"

/** Three digits that matter. */
export const short = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString("en").replaceAll(",", " ") : String(Number(value.toPrecision(3)))

const row = ({ bench, figure, value, unit, floor, ratio, target, ok }: Result): ReadonlyArray<string> => [
  bench,
  figure,
  `${short(value)} ${unit}`,
  floor === null ? "" : `${short(floor.value)} ${unit} (${floor.name})`,
  ratio === null ? "" : `${short(ratio)} ×`,
  target ?? "",
  ok === null ? "" : ok ? "kept" : "missed",
]

const head = ["bench", "figure", "median", "floor or peer", "ratio", "promised", ""]

export const table = (results: ReadonlyArray<Result>): string => {
  const rows = [head, ...results.map(row)]
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}
